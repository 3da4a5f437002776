/** Two engines that talk to each other as fast as they can, on a clock of their own: what a node costs the processor. */
import { textToBytes } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Instant } from '../../src/contracts/basics.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { Effect, Engine, Input } from '../../src/contracts/engine.ts';
import type { ScriptOutcome } from '../../src/contracts/host.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';

interface Node {
  readonly engine: Engine;
  readonly medium: string;
  readonly started: Set<string>;
}

export interface Work {
  steps: number;
  packets: number;
}

export class EnginePair {
  readonly #nodes: readonly Node[];
  readonly #waiting: [Node, Input][] = [];
  readonly work: Work = { steps: 0, packets: 0 };
  #at = 1000;

  constructor(configs: readonly Config[]) {
    this.#nodes = configs.map((config, index) => {
      const record = { generation: 100, uuid: textToBytes(`uuid-of-${config.self}`.padEnd(16, '.')) };
      const engine = createEngine(config, record, seededRandom(index + 1), authCatalog, this.#now());
      return { engine, medium: config.media[0]?.id ?? '', started: new Set<string>() };
    });
    for (const node of this.#nodes) this.#step(node, { kind: 'started' });
    for (const node of this.#nodes) this.#step(node, { kind: 'mediumOpened', medium: node.medium });
  }

  /** Lets this much time pass for them. */
  run(ms: number): void {
    const end = this.#at + ms;
    for (;;) {
      let next: Node | undefined;
      let at: Instant = end;
      for (const node of this.#nodes) {
        const wanted = node.engine.nextAlarm();
        if (wanted === undefined || wanted >= at) continue;
        next = node;
        at = wanted;
      }
      this.#at = Math.max(this.#at, at);
      if (next === undefined) return;
      this.#step(next, { kind: 'alarm' });
    }
  }

  /** Both hold their own groups: so that the work is known to be that of a settled pair. */
  get settled(): boolean {
    return this.#nodes.every((node) => {
      const answers = node.engine.step(this.#now(), { kind: 'command', call: 1, request: { name: 'status' } });
      return answers.some((effect) => effect.kind === 'reply' && effect.result.ok && effect.result.status?.rscstatus === 'local');
    });
  }

  #now(): { at: Instant; unixSeconds: number; load: string } {
    return { at: this.#at, unixSeconds: 1_700_000_000 + Math.floor(this.#at / 1000), load: '0.00 0.00 0.00 1/100 1000' };
  }

  /** One step, and all that follow from it at the same moment, in the order in which they came up. */
  #step(first: Node, input: Input): void {
    this.#waiting.push([first, input]);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const [node] = next;
      this.work.steps += 1;
      for (const effect of node.engine.step(this.#now(), next[1])) this.#carryOut(node, effect);
    }
  }

  #carryOut(node: Node, effect: Effect): void {
    if (effect.kind === 'save') this.#waiting.push([node, { kind: 'saved' }]);
    else if (effect.kind === 'runScript')
      this.#waiting.push([node, { kind: 'scriptEnded', job: effect.job.id, outcome: play(node, effect.job) }]);
    else if (effect.kind === 'send') {
      this.work.packets += 1;
      // A broadcast comes back to its sender as well.
      for (const other of this.#nodes) {
        this.#waiting.push([other, { kind: 'frame', medium: other.medium, bytes: effect.bytes, from: '10.0.0.1' }]);
      }
    }
  }
}

function play(node: Node, job: { script: string; args: readonly string[]; action: string }): ScriptOutcome {
  const name = [job.script, ...job.args].join(' ');
  const running = node.started.has(name);
  if (job.action === 'start') node.started.add(name);
  if (job.action === 'stop') node.started.delete(name);
  const path = `/etc/ha.d/resource.d/${job.script}`;
  if (job.action !== 'status') return { kind: 'exited', status: 0, output: '', path };
  return { kind: 'exited', status: running ? 0 : 3, output: running ? 'running' : 'stopped', path };
}
