/** One engine that has to bear everything, with what every step of it must keep to. */
import assert from 'node:assert/strict';
import { textToBytes } from '../../src/base/bytes.ts';
import { printable } from '../../src/base/log-line.ts';
import { renderNote } from '../../src/base/notes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { CallId, Now } from '../../src/contracts/basics.ts';
import type { Compressors } from '../../src/contracts/compressor.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { Effect, Engine, Input } from '../../src/contracts/engine.ts';
import type { ScriptOutcome } from '../../src/contracts/host.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { MAX_FRAME_BYTES } from '../../src/protocol/limits.ts';
import { openMessage } from '../../src/protocol/packing.ts';
import { readPlain } from '../../src/protocol/plain.ts';
import type { Dice } from './dice.ts';

/** One input may bring this much, whatever it says: a flood is not answered by a larger one. */
const EFFECTS_MAX = 1500;
const SENT_BYTES_MAX = 2 << 20;
/** A step that blocks this long is a fault even on a machine with other work. */
const STEP_MS_MAX = 2000;
const ALARMS_AT_ONCE_MAX = 200;
const STATUS_BYTES_MAX = 1 << 20;

export class Fire {
  readonly engine: Engine;
  readonly #config: Config;
  readonly #dice: Dice;
  readonly #compressors: Compressors;
  readonly #waiting: { readonly at: number; readonly input: Input }[] = [];
  #at = 1000;
  #call: CallId = 0;
  inputs = 0;
  ended = false;
  slowestMs = 0;

  constructor(config: Config, compressors: Compressors, dice: Dice) {
    this.#config = config;
    this.#dice = dice;
    this.#compressors = compressors;
    const record = { generation: 900, uuid: textToBytes('our-own-uuid-16.') };
    this.engine = createEngine(config, record, seededRandom(dice.seed), authCatalog, this.#now, compressors);
    this.give({ kind: 'started' });
    this.give({ kind: 'saved' });
    for (const { id } of config.media) this.give({ kind: 'mediumOpened', medium: id });
  }

  get #now(): Now {
    return { at: this.#at, unixSeconds: 1_700_000_000 + Math.floor(this.#at / 1000), load: '0.10 0.20 0.30 1/99 1234' };
  }

  give(input: Input): void {
    if (this.ended) return;
    this.inputs += 1;
    // What this process worked, since the machine may give its time to others.
    const before = process.cpuUsage();
    const effects = this.engine.step(this.#now, input);
    const { user, system } = process.cpuUsage(before);
    const spentMs = (user + system) / 1000;
    this.slowestMs = Math.max(this.slowestMs, spentMs);
    assert.ok(spentMs < STEP_MS_MAX, `a step took ${Math.round(spentMs)} ms`);
    assert.ok(effects.length <= EFFECTS_MAX, `${effects.length} effects of one ${input.kind}`);
    let bytes = 0;
    for (const effect of effects) bytes += this.#carryOut(effect);
    assert.ok(bytes <= SENT_BYTES_MAX, `${bytes} bytes sent for one ${input.kind}`);
  }

  /** Time passes: alarms ring when they are due, scripts end. */
  pass(ms: number): void {
    const end = this.#at + ms;
    let atOnce = 0;
    while (!this.ended) {
      const alarm = this.engine.nextAlarm() ?? Number.POSITIVE_INFINITY;
      assert.ok(!Number.isNaN(alarm), 'an alarm is a number');
      const [next] = this.#waiting;
      const due = Math.max(this.#at, Math.min(alarm, next?.at ?? Number.POSITIVE_INFINITY));
      if (due > end) break;
      atOnce = due > this.#at ? 0 : atOnce + 1;
      assert.ok(atOnce < ALARMS_AT_ONCE_MAX, 'alarms make no progress');
      this.#at = due;
      if (next !== undefined && next.at <= due) {
        this.#waiting.shift();
        this.give(next.input);
      } else this.give({ kind: 'alarm' });
    }
    this.#at = Math.max(this.#at, end);
  }

  command(request: Extract<Input, { kind: 'command' }>['request']): void {
    this.#call += 1;
    this.give({ kind: 'command', call: this.#call, request });
  }

  #later(input: Input): void {
    const at = this.#at + this.#dice.pick([0, 1, 10, 300, 3000, 60_000]);
    const place = this.#waiting.findIndex((other) => other.at > at);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { at, input });
  }

  /** The bytes that leave. */
  #carryOut(effect: Effect): number {
    switch (effect.kind) {
      case 'send': {
        assert.ok(effect.bytes.length <= MAX_FRAME_BYTES, `a packet of ${effect.bytes.length} bytes`);
        const verdict = openMessage(effect.bytes, this.#config.auth, authCatalog, this.#compressors);
        assert.ok(verdict.ok, 'what we send can be read');
        return effect.bytes.length;
      }
      case 'clientSend':
        assert.ok(readPlain(effect.bytes) !== undefined, 'what a client gets can be read');
        return effect.bytes.length;
      case 'runScript':
        this.#later({ kind: 'scriptEnded', job: effect.job.id, outcome: this.#outcome(effect.job.script) });
        return 0;
      case 'startProgram':
        this.#later({ kind: 'programEnded', program: effect.id, outcome: { kind: 'exited', status: this.#dice.pick([0, 1, 100]) } });
        return 0;
      case 'note': {
        const { text } = renderNote(effect.note);
        assert.ok(text !== `note ${effect.note.code}`, `${effect.note.code} is in the table`);
        assert.ok(!/[\p{Cc}]/u.test(printable(text)), 'one line stays one line');
        return 0;
      }
      case 'reply':
        assert.ok(JSON.stringify(effect.result).length < STATUS_BYTES_MAX, 'an answer stays small');
        return 0;
      case 'exit':
      case 'restart':
        this.ended = true;
        return 0;
      default:
        return 0;
    }
  }

  #outcome(script: string): ScriptOutcome {
    const path = `/etc/ha.d/resource.d/${script}`;
    return this.#dice.choose<ScriptOutcome>([
      [8, () => ({ kind: 'exited', status: 0, output: this.#dice.pick(['running', 'stopped', 'OK', '']), path })],
      [2, () => ({ kind: 'exited', status: this.#dice.below(256), output: this.#dice.value(), path })],
      [1, () => ({ kind: 'killed', signal: 'SIGSEGV', path })],
      [1, () => ({ kind: 'notFound' })],
    ]);
  }
}
