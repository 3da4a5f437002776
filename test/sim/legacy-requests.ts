import type { ResourceGroup } from '../../src/contracts/config.ts';
import type { LegacyWorld } from './legacy-resources.ts';

/**
 * The resource side of a 3.0.6 node with `auto_failback legacy`, which is what it makes of `nice_failback`
 * (wire-protocol 7.8): each own group is asked for once, and given up to whoever asks.
 */
export class LegacyRequests {
  readonly #world: LegacyWorld;
  readonly #running = new Set<string>();
  #active = false;
  readonly #otherStatus: () => string;
  #stopping = false;
  #stopped = false;

  constructor(world: LegacyWorld, otherStatus: () => string) {
    this.#world = world;
    this.#otherStatus = otherStatus;
  }

  readonly state = 'legacy';
  readonly otherStable = true;
  readonly standby = 'NOT';

  get settled(): boolean {
    return this.#active && !this.#world.busy();
  }

  activate(): void {
    this.#active = true;
    const other = this.#otherStatus();
    if (other === 'dead') this.#takeAll();
    // Only an active node is asked (7.8); of one that is about to join it asks nothing.
    else if (other === 'active') for (const { key } of this.#own()) this.#world.send('ip-request', [['ipaddr', key]]);
    else this.#take(this.#own());
  }

  stop(): void {
    this.#stopping = true;
  }

  tick(): void {
    if (!this.#active || !this.#stopping || this.#stopped || this.#world.busy()) return;
    this.giveUp();
  }

  request(_set: string): string {
    return 'legacy';
  }

  hear(type: string, fromUs: boolean, get: (field: string) => string | undefined): void {
    if (!this.#active) return;
    if (type === 'shutdone') {
      if (fromUs) this.#world.released();
      else if (!this.#stopping) this.#takeAll();
      return;
    }
    if (fromUs || this.#stopping) return;
    const named = this.#world.groups().filter(({ key }) => key === get('ipaddr'));
    if (type === 'ip-request') this.#asked(get('ipaddr') ?? '', named);
    else if (type === 'ip-request-resp' && get('ok') === 'OK') this.#take(named.filter(({ home }) => home === this.#world.name));
  }

  otherDied(): void {
    if (this.#active && !this.#stopping) this.#takeAll();
  }

  giveUp(): void {
    this.#stopping = this.#stopped = true;
    this.#running.clear();
    this.#world.run([...this.#world.groups()].reverse(), 'stop', () => this.#world.send('shutdone', [['st', 'dead']]));
  }

  get holds(): string {
    return 'none';
  }

  #own(): ResourceGroup[] {
    return this.#world.groups().filter(({ home }) => home === this.#world.name);
  }

  #takeAll(): void {
    this.#take(this.#world.groups());
  }

  #take(groups: readonly ResourceGroup[]): void {
    for (const { key } of groups) this.#running.add(key);
    this.#world.run(groups, 'start', () => undefined);
  }

  #asked(key: string, named: readonly ResourceGroup[]): void {
    const answer = (weown: string) =>
      this.#world.send('ip-request-resp', [
        ['ipaddr', key],
        ['weown', weown],
        ['ok', 'OK'],
      ]);
    const held = named.filter((group) => this.#running.delete(group.key));
    // Its scripts run one after another (wire-protocol 7.9): a second question is answered after the first.
    this.#world.run(held, 'stop', () => answer(held.length === 0 ? 'no' : 'yes'));
  }
}
