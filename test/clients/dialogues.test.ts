/**
 * The two dialogues recorded at the client socket of 3.0.6, replayed: what a client writes goes into an engine of ours, and
 * what it is told must be equal to the byte, header and digest of each message included.
 *
 * What differs, and why:
 * - `hbversion` names the program that answers.
 * - Our own `status` says `hbd_v=1`, so its digest is another one, too.
 * - The named client asks for a client of n2 and widens its filter afterwards. 3.0.6 handles what it sends itself up to half
 *   a second later, by when the wider filter shows the question; here it is over before the filter changes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesToText } from '../../src/base/bytes.ts';
import { COMPATIBLE_VERSION, VERSION } from '../../src/base/version.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { finishMessage, sealFrame } from '../../src/protocol/envelope.ts';
import { Message, text } from '../../src/protocol/message.ts';
import { readHex } from '../../src/protocol/numbers.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';
import { AUTH, compressors, Played, Rig } from '../engine/support.ts';
import { group } from '../resources/support.ts';
import { ROOT, TestClient } from './support.ts';

interface Frame {
  readonly dir?: 'client>daemon' | 'daemon>client';
  readonly note?: string;
  readonly body_hex?: string;
}
const FILE = JSON.parse(readFileSync(new URL('../vectors/api-client.dialogue.json', import.meta.url), 'utf8')) as Record<
  string,
  readonly Frame[]
>;

const raw = (hex: string) => bytesToText(Buffer.from(hex, 'hex'));
const N1 = raw('feefbd7b763b402f810e794323ee71f4');
const N2 = raw('9bbb1d3193e5443db1c2ebd4abeebe04');
const GENERATION = 0x6b00c5ec;
/** With it neither node's acknowledgement falls into the moments in which a client watches. */
const SEED = 3;
/** The whole name with the build stands in the recorded answers. */
const RECORDED_VERSION = /hbversion=3\.0\.6 \(node: [0-9a-f]+\)/;

const number = (message: Message) => readHex(message.get('seq')) ?? 0;

class Replay {
  readonly rig: Rig;
  readonly peer = new Played('n2', GENERATION, N2);
  readonly client: TestClient;
  /** What the client must be told, in order. */
  readonly expected: Uint8Array[];
  readonly #written: readonly Uint8Array[];
  #at = 0;

  constructor(name: string, pid: number, skip: (message: Message) => boolean) {
    const frames = FILE[name] ?? [];
    const bytes = (dir: Frame['dir']) =>
      frames.filter((frame) => frame.dir === dir).map(({ body_hex }) => Uint8Array.from(Buffer.from(body_hex ?? '', 'hex')));
    this.#written = bytes('client>daemon');
    this.expected = bytes('daemon>client').filter((each) => !skip(readPlain(each) ?? new Message([])));
    const config = {
      self: 'n1',
      groups: [group('n1', 'IPaddr::10.77.0.100/24/eth0:0')],
      parameters: { keepalive: '1', deadtime: '5' },
      apiauth: [{ client: 'mycl', users: ['root'], groups: [] }],
    };
    this.rig = new Rig(config, GENERATION, 0, compressors, N1, SEED).start();
    this.rig.hear(this.peer.status('init'));
    this.rig.hear(this.peer.status('up'));
    this.rig.hear(
      this.peer.frame('repnodes', [
        ['dest', 'n1'],
        ['nodelist', 'n1 n2 '],
        ['delnodelist', ' '],
      ]),
    );
    this.rig.hear(this.peer.status('active'));
    this.rig.hear(this.peer.frame('starting'));
    this.rig.hear(
      this.peer.frame('resource', [
        ['rsc_hold', 'local'],
        ['rtype', 'full'],
        ['isstable', '1'],
      ]),
    );
    assert.equal(this.rig.status.rscstatus, 'local');
    this.loops();
    this.client = new TestClient(this.rig, undefined, { ...ROOT, pid });
  }

  get #newest(): number {
    return Math.max(...this.rig.messages().map(({ message }) => number(message)));
  }

  /** Time passes with heartbeats until our newest number and the peer's are these. */
  until(ours: number, theirs: number): void {
    while (this.#newest < ours || this.peer.seq < theirs) {
      if (this.#newest < ours) this.rig.wait(1000);
      if (this.peer.seq < theirs) this.rig.hear(this.peer.status('active'));
    }
    assert.equal(this.#newest, ours, 'our numbers are those of the recording');
    assert.equal(this.peer.seq, theirs);
  }

  /** What the client writes next, so many messages. */
  writes(count = 1): void {
    for (const bytes of this.#written.slice(this.#at, this.#at + count)) this.client.write(bytes);
    this.#at += count;
  }

  /** The recording leaves out what the client is told meanwhile. */
  unrecorded(happens: () => void): void {
    this.client.look();
    const before = this.client.frames.length;
    happens();
    this.client.look();
    this.client.frames.length = before;
  }

  get finished(): boolean {
    return this.#at === this.#written.length;
  }

  /** The clock and load that the next message of ours carried in the recording: that of number `seq`. */
  clockOf(seq: number): void {
    for (const bytes of this.expected) {
      const message = readPlain(bytes);
      if (message === undefined || message.get('src') !== 'n1' || number(message) !== seq) continue;
      this.rig.outside = { unixSeconds: readHex(message.get('ts')) ?? 0, load: message.get('ld') ?? '' };
    }
  }

  /** n2's message of that number, as the recording has it. */
  hears(seq: number): void {
    const bytes = this.expected.find((each) => {
      const message = readPlain(each);
      return message?.get('src') === 'n2' && number(message) === seq;
    });
    const message = readPlain(bytes ?? new Uint8Array());
    assert.ok(message !== undefined);
    this.peer.seq = seq;
    this.rig.hear(sealFrame(message.without('auth'), AUTH, authCatalog, 'classic'));
  }

  /** Our own status with that number: sent, and back by the medium when the recording shows it twice. */
  beats(seq: number, loops: boolean): void {
    this.clockOf(seq);
    this.rig.wait(1000);
    assert.equal(this.#newest, seq);
    if (loops) this.loops();
  }

  loops(): void {
    const newest = this.rig.messages().at(-1);
    assert.ok(newest !== undefined);
    this.rig.hear(newest.bytes);
  }

  isEqual(): void {
    this.client.look();
    const ours = this.client.frames.map((bytes) => bytesToText(bytes));
    assert.deepEqual(ours, this.expected.map(asWeSayIt));
  }
}

/** A recorded frame with what must differ. */
function asWeSayIt(bytes: Uint8Array): string {
  const message = readPlain(bytes) ?? new Message([]);
  if (message.type !== 'status' || message.get('src') !== 'n1') {
    return bytesToText(bytes).replace(RECORDED_VERSION, `hbversion=${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`);
  }
  const fields = message.fields.flatMap((field) => (field.name === 'protocol' ? [field, text('hbd_v', '1')] : [field]));
  return bytesToText(writePlain(finishMessage(new Message(fields), AUTH, authCatalog, 'classic'), 'classic'));
}

test('the dialogue of the casual client', () => {
  const replay = new Replay('casual_client', 367, () => false);
  replay.until(0x21, 0x21);
  replay.writes(13);
  // The question about a client of n2, and the answer of n2.
  replay.writes();
  replay.hears(0x22);
  replay.until(0x23, 0x22);
  // The filter, and what passes by then.
  replay.writes();
  replay.beats(0x24, true);
  replay.hears(0x23);
  replay.beats(0x25, false);
  replay.isEqual();
  replay.writes();
  assert.ok(replay.finished);
  replay.client.look();
  assert.ok(replay.client.closed);
});

test('the dialogue of the named client', () => {
  const replay = new Replay('named_client_mycl', 408, (message) => message.type === 'query-cstatus');
  // A casual client had signed on before it.
  const before = new TestClient(replay.rig).signOn();
  before.request('signoff');
  replay.until(0x28, 0x29);
  replay.clockOf(0x29);
  replay.writes();
  replay.until(0x2c, 0x29);
  replay.writes(14);
  replay.hears(0x2a);
  replay.hears(0x2b);
  replay.beats(0x2e, true);
  replay.hears(0x2c);
  // With this filter it sees what it writes as it wrote it, with its header, and the copy that the medium brings back.
  replay.unrecorded(() => replay.until(0x31, 0x2f));
  replay.clockOf(0x32);
  replay.writes();
  replay.loops();
  replay.isEqual();
  replay.writes();
  assert.ok(replay.finished);
  replay.client.look();
  assert.ok(replay.client.closed);
});
