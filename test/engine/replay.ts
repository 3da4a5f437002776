/** Plays what one 3.0.6 node of a captured dialogue said into an engine of ours that stands in for the other. */
import assert from 'node:assert/strict';
import { renderNote } from '../../src/base/notes.ts';
import type { ResourceGroup } from '../../src/contracts/config.ts';
import type { HeldResources } from '../../src/contracts/engine.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { sealFrame } from '../../src/protocol/envelope.ts';
import { Message } from '../../src/protocol/message.ts';
import { openMessage } from '../../src/protocol/packing.ts';
import { key, loadVector, readAuthkeys, type Vector } from '../protocol/vectors.ts';
import { group } from '../resources/support.ts';
import { compressors, Rig } from './support.ts';

export type NodeName = 'n1' | 'n2';

export const GROUPS: Readonly<Record<NodeName, ResourceGroup>> = {
  n1: group('n1', 'IPaddr::10.77.0.100/24/eth0:0'),
  n2: group('n2', 'IPaddr::10.77.0.101/24/eth0:1'),
};

interface Line {
  readonly ms: number;
  readonly message: Message;
  readonly bytes: Uint8Array;
}

const number = (message: Message) => Number.parseInt(message.get('seq') ?? '0', 16);

/**
 * All that a node said, in time order. The files leave runs of dull heartbeats out; they are put back, signed
 * with the same key, evenly between their neighbours, so that the silence of the file is not taken for a death.
 */
function spoken(vector: Vector, speaker: NodeName, beatsUntil: readonly number[]): Line[] {
  const auth = readAuthkeys(vector.authkeys);
  const lines: Line[] = vector.datagrams
    .map(({ ms, bytes, digest }) => {
      // With the key each packet names, which for one of the files is the sender's alone.
      const keys = [key(digest.index, digest.method, digest.key ?? '')];
      const verdict = openMessage(bytes, { signing: digest.index, keys }, authCatalog, compressors);
      assert.ok(verdict.ok);
      return { ms, bytes, message: verdict.message };
    })
    .filter(({ message }) => message.get('src') === speaker);
  const lives = new Map<string, Line[]>();
  for (const line of lines) {
    if (number(line.message) === 0) continue;
    const life = line.message.get('hg') ?? '';
    lives.set(life, [...(lives.get(life) ?? []), line]);
  }
  const beats: Line[] = [];
  for (const life of lives.values()) {
    const ordered = [...life].sort((a, b) => number(a.message) - number(b.message));
    let pattern = life.find(({ message }) => message.type === 'status');
    const put = (seq: number, ms: number) => {
      if (pattern === undefined) return;
      const message = new Message(pattern.message.fields).without('auth').mapFields((field) => {
        return field.name === 'seq' ? { ...field, value: seq.toString(16) } : field;
      });
      beats.push({ ms, message, bytes: sealFrame(message, auth, authCatalog, 'classic') });
    };
    for (const [index, line] of ordered.entries()) {
      const next = ordered[index + 1];
      if (line.message.type === 'status') pattern = line;
      const from = number(line.message);
      const gap = next === undefined ? 0 : number(next.message) - from;
      const span = (next?.ms ?? 0) - line.ms;
      for (let step = 1; step < gap; step += 1) put(from + step, line.ms + (span * step) / gap);
      // A life that ends in a cut part of the file goes on beating until its end.
      const end = next === undefined ? beatsUntil.find((until) => until > line.ms && until - line.ms < 15_000) : undefined;
      if (end !== undefined) for (let step = 1; line.ms + step * 1000 <= end; step += 1) put(from + step, line.ms + step * 1000);
    }
  }
  return [...lines, ...beats].sort((a, b) => a.ms - b.ms);
}

export interface ReplaySetup {
  readonly vector: string;
  /** Who is played; the engine is the other. */
  readonly speaker: NodeName;
  /** Our start, on the clock of the file. */
  readonly startMs?: number;
  /** When lives of the speaker end in a part of the file that was cut. */
  readonly beatsUntil?: readonly number[];
  /** Nothing of the speaker gets through from .. to. */
  readonly cut?: readonly [from: number, to: number];
  readonly generation?: number;
  /** We are a restart in place, and what it holds runs already. */
  readonly held?: HeldResources;
}

/** Notes that no dialogue with a healthy 3.0.6 node may bring. */
const ALARMING = new Set(['EMERG', 'ALERT', 'CRIT', 'ERROR']);

export class Replay {
  readonly rig: Rig;
  readonly self: NodeName;
  readonly #lines: readonly Line[];
  readonly #shift: number;
  readonly #heard = new Set<string>();
  #next = 0;

  constructor({ vector: name, speaker, startMs = 0, beatsUntil = [], cut, generation = 0x6b00_d000, held }: ReplaySetup) {
    const vector = loadVector(name);
    this.self = speaker === 'n1' ? 'n2' : 'n1';
    this.#shift = 1000;
    this.rig = new Rig(
      { self: this.self, auth: readAuthkeys(vector.authkeys), groups: [GROUPS.n1, GROUPS.n2] },
      generation,
      startMs + this.#shift,
      compressors,
      undefined,
      undefined,
      held,
    );
    for (const { resources } of held?.running ?? []) for (const { word } of resources) this.rig.running.add(word);
    this.#lines = spoken(vector, speaker, beatsUntil).filter(
      ({ ms }) => ms >= startMs && (cut === undefined || ms < cut[0] || ms > cut[1]),
    );
    this.rig.start();
  }

  /** Plays on, to this moment of the file. Every reqnodes must be answered in its step, its copies not. */
  to(ms: number): this {
    for (let line = this.#lines[this.#next]; line !== undefined && line.ms <= ms; line = this.#lines[this.#next]) {
      this.#next += 1;
      this.rig.until(line.ms + this.#shift);
      if (this.rig.exitStatus !== undefined) return this;
      const before = this.rig.sent.length;
      this.rig.hear(line.bytes);
      const id = `${line.message.get('hg')} ${line.message.get('seq')}`;
      const again = this.#heard.has(id);
      this.#heard.add(id);
      if (line.message.type !== 'reqnodes' || again) continue;
      const answer = this.rig.sent.slice(before).find(({ message }) => message.type === 'repnodes');
      assert.equal(answer?.message.get('nodelist'), 'n1 n2 ', `reqnodes at ${line.ms} is answered at once`);
      assert.equal(answer?.message.get('dest'), line.message.get('src'));
    }
    this.rig.until(ms + this.#shift);
    return this;
  }

  toEnd(): this {
    return this.to((this.#lines.at(-1)?.ms ?? 0) + 100);
  }

  /** The highest number that the speaker comes to. */
  get highest(): number {
    return Math.max(...this.#lines.map(({ message }) => number(message)));
  }

  get peer() {
    return this.rig.seen(this.self === 'n1' ? 'n2' : 'n1');
  }

  /** What runs here: `own`, `theirs`, both or nothing. */
  get runs(): string {
    const other = this.self === 'n1' ? 'n2' : 'n1';
    const own = this.rig.running.has(GROUPS[this.self].key) ? ['own'] : [];
    const theirs = this.rig.running.has(GROUPS[other].key) ? ['theirs'] : [];
    return [...own, ...theirs].join(' ') || 'nothing';
  }

  get holds(): string {
    return this.rig.status.rscstatus;
  }

  /** What was said since the last call, heartbeats and acknowledgements left out. */
  news(): string[] {
    const news = this.rig.lines().filter((line) => !/^(status|NS_)/.test(line));
    this.rig.sent.length = 0;
    return news;
  }

  alarming(): string[] {
    return this.rig.notes
      .map(renderNote)
      .filter(({ level }) => ALARMING.has(level))
      .map(({ level, text }) => `${level}: ${text}`);
  }
}
