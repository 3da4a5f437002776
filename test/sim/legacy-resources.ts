import type { ResourceGroup } from '../../src/contracts/config.ts';

/** Groups as 3.0.6 counts them: in sets, from the speaker's side. */
interface Sides {
  readonly local: boolean;
  readonly foreign: boolean;
}

const NONE: Sides = { local: false, foreign: false };

function sides(word: string | undefined): Sides {
  return { local: word === 'local' || word === 'all', foreign: word === 'foreign' || word === 'all' };
}

function word({ local, foreign }: Sides): string {
  if (local) return foreign ? 'all' : 'local';
  return foreign ? 'foreign' : 'none';
}

const mirror = ({ local, foreign }: Sides): Sides => ({ local: foreign, foreign: local });
const join = (a: Sides, b: Sides): Sides => ({ local: a.local || b.local, foreign: a.foreign || b.foreign });
const less = (a: Sides, b: Sides): Sides => ({ local: a.local && !b.local, foreign: a.foreign && !b.foreign });

/** What the resource side of a 3.0.6 node asks of the rest of it. */
export interface LegacyWorld {
  readonly name: string;
  /** Read again at each action. */
  readonly groups: () => readonly ResourceGroup[];
  readonly failback: boolean;
  now(): number;
  send(type: string, fields: readonly (readonly [string, string])[]): void;
  /** One after another, in the order asked for. */
  run(groups: readonly ResourceGroup[], action: 'start' | 'stop', ended: () => void): void;
  busy(): boolean;
  log(text: string): void;
  /** Everything is released. */
  released(): void;
}

type State = 'INIT' | 'STARTING' | 'BOTHSTARTING' | 'RSCRCVD' | 'STABLE' | 'SHUTDOWN';

/** The R1 state machine of 3.0.6 as wire-protocol 7.1 to 7.7 describes it, and no further. */
export class LegacyResources {
  readonly #world: LegacyWorld;
  state: State = 'INIT';
  mine: Sides = NONE;
  otherStable = false;
  standby: 'NOT' | 'ME' | 'OTHER' | 'DONE' = 'NOT';
  #others: Sides = NONE;
  #heardOther = false;
  #set: Sides = NONE;
  #standbyDeadline = Number.POSITIVE_INFINITY;
  #stableAt: number | undefined;
  #takeover = false;
  #needsFailback = false;
  /** A failback that could not be asked for is tried again then. */
  #failbackAt: number | undefined;
  #stopping = false;

  constructor(world: LegacyWorld) {
    this.#world = world;
  }

  get settled(): boolean {
    return this.state === 'STABLE' && this.otherStable && this.standby === 'NOT' && !this.#world.busy();
  }

  activate(): void {
    this.state = 'STARTING';
    this.#world.send('starting', []);
  }

  stop(): void {
    this.#stopping = true;
  }

  /** Looked at with every tick. */
  tick(): void {
    const now = this.#world.now();
    if (this.standby !== 'NOT' && now > this.#standbyDeadline) {
      this.#world.log('No reply to standby request.  Standby request cancelled.');
      this.standby = 'NOT';
      this.otherStable = true;
    }
    if (this.#stopping && this.state !== 'SHUTDOWN') {
      this.#tryShutdown();
      return;
    }
    if ((this.state === 'RSCRCVD' || this.state === 'BOTHSTARTING') && this.#stableAt !== undefined && now >= this.#stableAt) {
      this.state = 'STABLE';
      this.#acquireOwn(false);
      this.#world.log('local resource transition completed.');
      this.#res(true);
    }
    if (this.#failbackAt !== undefined && now >= this.#failbackAt) this.#tryFailback();
  }

  request(set: string): string | undefined {
    if (this.standby !== 'NOT' || this.state !== 'STABLE' || !this.otherStable)
      return `in flux: ${this.state} ${this.standby} ${this.otherStable}`;
    this.#world.send('ask_resources', [
      ['rsc_hold', set],
      ['info', 'me'],
    ]);
    return undefined;
  }

  hear(type: string, fromUs: boolean, get: (field: string) => string | undefined): void {
    if (this.state === 'INIT') return;
    if (type === 'starting' && !fromUs) this.#starting();
    else if (type === 'resource') this.#resource(fromUs, get);
    else if (type === 'ask_resources') this.#ask(fromUs, get('rsc_hold'), get('info') ?? '');
    else if (type === 'shutdone') this.#shutdone(fromUs);
    else if (type === 'hb_takeover' && !fromUs) this.request(word(mirror(sides(get('rsc_hold')))));
  }

  otherDied(): void {
    if (this.standby !== 'NOT') this.#world.log('Cancelling pending standby operation');
    this.standby = 'NOT';
    this.#needsFailback = true;
    this.#failbackAt = undefined;
    const gaveUp = this.#heardOther && word(this.#others) === 'none';
    this.#others = NONE;
    if (this.state === 'SHUTDOWN' || this.state === 'INIT' || this.#stopping) return;
    this.#world.send('stonith', [['result', gaveUp ? 'unneeded' : 'n_stnth']]);
    // Who had given everything up leaves only what we lack (7.6).
    if (gaveUp && this.mine.local && this.mine.foreign) {
      // The dead move nothing.
      this.otherStable = true;
      return;
    }
    this.#takeEverything();
  }

  #res(stable: boolean, info?: string): void {
    this.#world.send('resource', [
      ['rsc_hold', word(this.mine)],
      ['rtype', 'full'],
      ['isstable', stable ? '1' : '0'],
      ...(info === undefined ? [] : [['info', info] as const]),
    ]);
  }

  #starting(): void {
    if (this.state === 'BOTHSTARTING') this.#world.log("ERROR: Received 'starting' message in state 2");
    this.otherStable = false;
    const was = this.state;
    this.#res(this.state === 'STABLE');
    if (was === 'STARTING') this.state = 'BOTHSTARTING';
  }

  #resource(fromUs: boolean, get: (field: string) => string | undefined): void {
    const said = sides(get('rsc_hold'));
    if (!fromUs) {
      this.#heardOther = true;
      this.#others = get('rtype') === 'full' || word(said) === 'none' ? said : join(this.#others, said);
      if (this.mine.local && this.#others.foreign) this.#world.log('ERROR: Both machines own our resources!');
      if (this.mine.foreign && this.#others.local) this.#world.log('ERROR: Both machines own foreign resources!');
    }
    if (this.state === 'STARTING' || this.state === 'BOTHSTARTING') {
      this.state = 'RSCRCVD';
      this.#stableAt ??= this.#world.now() + 10_000;
    }
    if (fromUs) {
      if (get('info') === 'mach_down') this.#takeover = false;
      return;
    }
    const stable = get('isstable');
    if (stable === '0') this.otherStable = false;
    else if (stable === '1' && !this.otherStable) {
      this.otherStable = true;
      this.#res(this.state === 'STABLE');
      this.#tryFailback();
    }
    if (this.otherStable && this.state !== 'STABLE' && this.state !== 'SHUTDOWN') {
      this.state = 'STABLE';
      this.#acquireOwn(false);
      this.#res(true);
      this.#tryFailback();
    }
  }

  #of(set: Sides): ResourceGroup[] {
    return this.#world.groups().filter((group) => (group.home === this.#world.name ? set.local : set.foreign));
  }

  #acquireOwn(forced: boolean, ended: () => void = () => undefined): void {
    const skip = (this.#others.foreign || this.mine.local) && !forced && this.standby === 'NOT';
    if (skip) {
      this.#world.log('Local Resource acquisition completed. (none)');
      return;
    }
    this.mine = { ...this.mine, local: true };
    this.#world.run(this.#of({ local: true, foreign: false }), 'start', () => {
      if (this.state === 'SHUTDOWN') return;
      this.#res(true, 'req_our_resources()');
      ended();
    });
  }

  /** Both scripts begin at once; the one for our own has less to do. */
  #takeEverything(ownTaken?: () => void): void {
    this.mine = { local: true, foreign: true };
    this.#others = NONE;
    this.otherStable = true;
    this.#takeover = true;
    this.#acquireOwn(true, ownTaken);
    this.#world.run(this.#of({ local: false, foreign: true }), 'start', () => {
      if (this.state === 'SHUTDOWN') return;
      this.#world.send('resource', [
        ['rsc_hold', 'foreign'],
        ['info', 'mach_down'],
      ]);
    });
  }

  // --- standby: `#set` is from the giver's side ---

  #ask(fromUs: boolean, set: string | undefined, info: string): void {
    if (this.state === 'SHUTDOWN') return;
    const now = this.#world.now();
    if (info === 'me') {
      if (this.standby !== 'NOT') this.#world.log('Standby in progress- new request ignored');
      else if (this.state !== 'STABLE') this.#world.log('standby message ignored.  local resources in flux.');
      else if (!this.otherStable) this.#world.log('standby message ignored.  Other side is in flux.');
      else {
        this.#set = sides(set);
        this.standby = fromUs ? 'ME' : 'OTHER';
        this.#standbyDeadline = now + (fromUs ? 10_000 : 3_600_000);
        this.otherStable = !fromUs && this.otherStable;
        if (!fromUs) this.#say('other');
      }
    } else if (info === 'other' && this.standby === 'ME' && !fromUs) {
      this.#standbyDeadline = now + 3_600_000;
      this.mine = less(this.mine, this.#set);
      this.#res(false, 'standby');
      this.#world.run(this.#of(this.#set).reverse(), 'stop', () => this.#say('done'));
    } else if (info === 'done' && this.standby === 'ME' && fromUs) this.standby = 'DONE';
    else if (info === 'done' && this.standby === 'OTHER' && !fromUs) {
      this.standby = 'DONE';
      this.#world.run(this.#of(mirror(this.#set)), 'start', () => this.#say('done'));
    } else if (info === 'done' && this.standby === 'DONE') {
      if (fromUs) this.mine = join(this.mine, mirror(this.#set));
      this.standby = 'NOT';
      this.#res(true);
    } else if (!fromUs) this.#world.log(`Ignored standby message '${info}' in state ${this.standby}`);
  }

  #say(info: string): void {
    this.#world.send('ask_resources', [
      ['rsc_hold', word(this.#set)],
      ['info', info],
    ]);
  }

  #tryFailback(): void {
    this.#failbackAt = undefined;
    if (!this.#world.failback || !this.mine.foreign || !this.#needsFailback || this.state === 'SHUTDOWN') return;
    if (!this.settled) {
      this.#failbackAt = this.#world.now() + 1000;
      return;
    }
    this.#needsFailback = false;
    this.request('foreign');
  }

  // --- stops ---

  #tryShutdown(): void {
    const still = this.otherStable && !this.#takeover && this.standby === 'NOT' && !this.#world.busy();
    if (!still || (this.state !== 'STABLE' && this.state !== 'INIT')) return;
    this.giveUp();
  }

  #shutdone(fromUs: boolean): void {
    if (fromUs) {
      this.#world.released();
      return;
    }
    this.#world.log('Received shutdown notice');
    this.#others = NONE;
    this.otherStable = true;
    if (this.state === 'SHUTDOWN' || this.#stopping) return;
    this.#needsFailback = true;
    this.standby = 'NOT';
    this.#set = { local: true, foreign: true };
    // As if a standby had ended: nobody waits for it.
    this.#takeEverything(() => this.#say('done'));
  }

  /** A return after a partition: everything is dropped at once, whatever is under way (6.6). */
  giveUp(): void {
    this.state = 'SHUTDOWN';
    this.mine = NONE;
    this.#res(false, 'shutdown');
    this.#world.run([...this.#world.groups()].reverse(), 'stop', () => this.#world.send('shutdone', [['st', 'dead']]));
  }

  get holds(): string {
    return word(this.mine);
  }
}
