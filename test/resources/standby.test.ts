/** The standby handshake: every state with every message (wire-protocol 7.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NoteCode } from '../../src/base/notes.ts';
import type { ResourceSetWord } from '../../src/contracts/status.ts';
import { fromWord, NOTHING, toWord } from '../../src/resources/ownership.ts';
import { Standby } from '../../src/resources/standby.ts';
import { ResourceState } from '../../src/resources/state.ts';
import { at, Bench, FakePort, group } from './support.ts';

const OURS = group('n2', 'ours');
const THEIRS = group('n1', 'theirs');
const NOW = at(100_000);

type Info = 'me' | 'other' | 'done';
type Step = 'none' | 'asked' | 'giving' | 'given' | 'offered' | 'taking';

/** Node n2, stable; the peer is `peerName`. */
class Hall {
  readonly port = new FakePort();
  readonly state: ResourceState;
  readonly standby: Standby;
  settled = 0;
  peerStatus = 'active';
  seq = 50;
  readonly #peerName: string;

  constructor(holds: ResourceSetWord = 'local', { peerName = 'n1', speaksOurs = false } = {}) {
    this.#peerName = peerName;
    this.state = new ResourceState({
      self: 'n2',
      generation: 1,
      groups: [THEIRS, OURS],
      failback: 'on',
      stopRetryMax: 10,
      failureTimeoutMs: 3_600_000,
      port: this.port,
      peerView: () => ({ name: peerName, status: this.peerStatus, lastSeq: this.seq, legacy: false }),
    });
    this.state.phase = 'stable';
    this.state.peer = { ...this.state.peer, stable: true, told: true, answered: true, speaksOurs };
    const held = fromWord(holds) ?? NOTHING;
    this.state.ownership.claim(held, this.state.groups);
    this.state.take(NOW, this.state.groupsIn(held), {}, () => undefined);
    this.port.endAll(NOW);
    this.standby = new Standby(this.state, () => {
      this.settled += 1;
    });
    this.port.news();
  }

  hear(info: string, ...[set]: [string | undefined]): void {
    this.seq += 1;
    this.standby.heard(NOW, this.#peerName, this.seq, set, info);
  }

  /** Brings a fresh hall into the step, always with the set `local` of the node that gives. */
  in(step: Step): this {
    if (step === 'asked' || step === 'giving' || step === 'given') this.standby.request(NOW, { local: true, foreign: false });
    if (step === 'giving' || step === 'given') this.hear('other', 'local');
    if (step === 'given') this.port.endAll(NOW);
    if (step === 'offered' || step === 'taking') this.hear('me', 'local');
    if (step === 'taking') this.hear('done', 'local');
    this.port.news();
    this.port.notes.length = 0;
    this.settled = 0;
    return this;
  }

  get claimed(): ResourceSetWord {
    return toWord(this.state.claimed);
  }
}

interface Row {
  readonly step: Step;
  readonly hear: Info;
  /** Messages and scripts that follow at once. */
  readonly does: readonly string[];
  readonly note: NoteCode;
  /** false: the handshake stands as before. */
  readonly moves: boolean;
  readonly idleAfter: boolean;
}

const stays = (step: Step, hear: Info, note: NoteCode): Row => ({ step, hear, note, does: [], moves: false, idleAfter: step === 'none' });

const table: readonly Row[] = [
  { step: 'none', hear: 'me', does: ['ask_resources local other'], note: 'wantsStandby', moves: true, idleAfter: false },
  stays('none', 'other', 'standbyOutOfTurn'),
  stays('none', 'done', 'standbyOutOfTurn'),

  stays('asked', 'me', 'standbyBusy'),
  { step: 'asked', hear: 'other', does: ['resource none/0 standby', 'stop ours'], note: 'standbyCanTake', moves: true, idleAfter: false },
  stays('asked', 'done', 'standbyOutOfTurn'),

  stays('giving', 'me', 'standbyBusy'),
  stays('giving', 'other', 'standbyOutOfTurn'),
  stays('giving', 'done', 'standbyOutOfTurn'),

  stays('given', 'me', 'standbyBusy'),
  stays('given', 'other', 'standbyOutOfTurn'),
  { step: 'given', hear: 'done', does: [], note: 'otherCompletedStandby', moves: true, idleAfter: true },

  stays('offered', 'me', 'standbyBusy'),
  stays('offered', 'other', 'standbyOutOfTurn'),
  { step: 'offered', hear: 'done', does: [], note: 'standbyAcquire', moves: true, idleAfter: false },

  stays('taking', 'me', 'standbyBusy'),
  stays('taking', 'other', 'standbyOutOfTurn'),
  stays('taking', 'done', 'standbyOutOfTurn'),
];

for (const row of table) {
  test(`${row.step}, the peer says ${row.hear}: ${row.moves ? 'goes on' : 'stays'} (${row.note})`, () => {
    const hall = new Hall('local').in(row.step);
    const before = { due: hall.standby.nextAlarm(), claimed: hall.claimed, pending: hall.port.pending };
    hall.hear(row.hear, 'local');
    assert.ok(hall.port.codes().includes(row.note), hall.port.codes().join(' '));
    assert.deepEqual(hall.port.news(), row.does);
    assert.equal(hall.standby.idle, row.idleAfter);
    if (row.moves) return;
    assert.equal(hall.standby.nextAlarm(), before.due, 'the deadline stands');
    assert.equal(hall.claimed, before.claimed);
    assert.equal(hall.port.pending, before.pending);
  });
}

test('every state and every message has its row', () => {
  assert.equal(new Set(table.map(({ step, hear }) => `${step} ${hear}`)).size, 6 * 3);
});

for (const step of ['none', 'asked', 'giving', 'given', 'offered', 'taking'] as const) {
  test(`${step}: an unknown set and an unknown word change nothing, and neither does anything once we shut down`, () => {
    const hall = new Hall('local').in(step);
    const due = hall.standby.nextAlarm();
    for (const info of ['me', 'other', 'done']) for (const set of [undefined, '', 'ALL', 'failback']) hall.hear(info, set);
    hall.hear('', 'local');
    hall.hear('ME', 'local');
    assert.deepEqual(hall.port.news(), []);
    assert.equal(hall.standby.nextAlarm(), due);
    assert.equal(hall.standby.idle, step === 'none');

    hall.state.phase = 'shutdown';
    hall.port.notes.length = 0;
    for (const info of ['me', 'other', 'done'] as const) hall.hear(info, 'local');
    assert.deepEqual([hall.port.news(), hall.port.codes()], [[], []]);
  });
}

// --- a whole handshake, each set, seen from both ends ---

for (const [set, before, after, gives] of [
  ['local', 'local', 'none', ['stop ours']],
  ['foreign', 'all', 'local', ['stop theirs']],
  ['all', 'all', 'none', ['stop theirs', 'stop ours']],
  ['foreign', 'local', 'local', []],
] as const) {
  test(`the giver of ${set}, who held ${before}: asks, releases, says done, ends with ${after}`, () => {
    const hall = new Hall(before);
    hall.standby.request(NOW, fromWord(set) ?? NOTHING);
    assert.deepEqual(hall.port.news(), [`ask_resources ${set} me`]);
    assert.equal(hall.claimed, before, 'nothing is released before the answer');
    assert.equal(hall.standby.waitingForReply, true);
    hall.hear('other', set);
    assert.equal(hall.claimed, after, 'the claim falls before the first stop');
    assert.equal(hall.standby.waitingForReply, false);
    hall.port.endAll(NOW);
    assert.deepEqual(hall.port.news(), [`resource ${after}/0 standby`, ...gives, `ask_resources ${set} done`]);
    assert.equal(hall.settled, 0);
    hall.hear('done', set);
    assert.equal(hall.standby.idle, true);
    assert.equal(hall.settled, 1);
    const taken = fromWord(set) ?? NOTHING;
    for (const side of ['local', 'foreign'] as const) assert.equal(hall.state.peer.holds[side], taken[side], `the peer now holds ${set}`);
  });
}

for (const [set, before, after, starts] of [
  ['local', 'local', 'all', ['start theirs']],
  ['foreign', 'none', 'local', ['start ours']],
  ['all', 'none', 'all', ['start theirs', 'start ours']],
  ['local', 'all', 'all', []],
] as const) {
  test(`the taker of ${set}, who held ${before}: offers, takes after done, says done, ends with ${after}`, () => {
    const hall = new Hall(before);
    hall.hear('me', set);
    assert.deepEqual(hall.port.news(), [`ask_resources ${set} other`]);
    assert.equal(hall.claimed, before, 'nothing is taken before the giver is done');
    hall.hear('done', set);
    assert.equal(hall.claimed, after);
    hall.port.endAll(NOW);
    assert.deepEqual(hall.port.news(), [...starts, `ask_resources ${set} done`]);
    assert.equal(hall.standby.idle, true);
    assert.equal(hall.settled, 1);
  });
}

test('the set agreed on counts, not the one that a later message names', () => {
  const giver = new Hall('all');
  giver.standby.request(NOW, { local: false, foreign: true });
  giver.hear('other', 'all');
  assert.equal(giver.claimed, 'local');
  const taker = new Hall('none');
  taker.hear('me', 'foreign');
  taker.hear('done', 'all');
  assert.equal(taker.claimed, 'local');
});

// --- time, cancel, refusal ---

test('no reply within 10 s cancels the request, and everything is as before', () => {
  const hall = new Hall('local').in('asked');
  assert.equal(hall.standby.nextAlarm(), NOW.at + 10_000);
  hall.standby.alarm(at(NOW.at + 9999));
  assert.equal(hall.standby.idle, false);
  hall.standby.alarm(at(NOW.at + 10_000));
  assert.equal(hall.standby.idle, true);
  assert.deepEqual(hall.port.codes(), ['standbyTimeout']);
  assert.equal(hall.claimed, 'local');
  assert.equal(hall.settled, 1);
});

test('an offer that the giver does not use is void after 15 s, longer than the giver waits for it', () => {
  const hall = new Hall('local').in('offered');
  assert.equal(hall.standby.nextAlarm(), NOW.at + 15_000);
  hall.standby.alarm(at(NOW.at + 15_000));
  assert.equal(hall.standby.idle, true);
  assert.deepEqual(hall.port.codes(), ['standbyTimeout']);
  assert.equal(hall.settled, 1);
});

test('once it says that it releases, the giver has an hour for its scripts', () => {
  const hall = new Hall('local').in('offered');
  hall.standby.peerReleases(NOW);
  assert.equal(hall.standby.nextAlarm(), NOW.at + 3_600_000);
  hall.hear('done', 'local');
  assert.equal(hall.claimed, 'all');
  assert.equal(hall.standby.nextAlarm(), undefined, 'our own scripts have no deadline');
});

for (const step of ['asked', 'giving', 'given', 'offered', 'taking'] as const) {
  test(`${step}, cancelled: it is void, and scripts under way end without a message of the handshake`, () => {
    const hall = new Hall('local').in(step);
    hall.standby.cancel();
    assert.deepEqual(hall.port.codes(), ['standbyCancelled']);
    assert.equal(hall.standby.idle, true);
    assert.equal(hall.standby.nextAlarm(), undefined);
    const busy = hall.state.work.busy;
    hall.port.endAll(NOW);
    assert.ok(!hall.port.news().some((line) => line.startsWith('ask_resources')));
    assert.equal(hall.settled, busy ? 1 : 0, 'whoever waits for the scripts hears of their end');
    hall.standby.cancel();
    assert.deepEqual(hall.port.codes().filter((code) => code === 'standbyCancelled').length, 1, 'once');
  });
}

test('a request is refused for its reason, each in its turn', () => {
  const reasons: readonly (readonly [string, (hall: Hall) => void, RegExp | undefined])[] = [
    ['stable pair', () => undefined, undefined],
    ['shutdown', (hall) => (hall.state.phase = 'shutdown'), /shutting down/],
    ['starting', (hall) => (hall.state.phase = 'starting'), /local resources are in flux/],
    ['peer dead', (hall) => (hall.peerStatus = 'dead'), /not there/],
    ['peer has left', (hall) => (hall.state.peer.left = true), /not there/],
    ['peer in flux', (hall) => (hall.state.peer.stable = false), /other node's resources are in flux/],
    ['a handshake', (hall) => hall.in('offered'), /in progress/],
  ];
  for (const [name, prepare, expected] of reasons) {
    const hall = new Hall();
    prepare(hall);
    const refusal = hall.standby.refusal();
    if (expected === undefined) assert.equal(refusal, undefined, name);
    else assert.match(refusal ?? '', expected, name);
  }
  const busy = new Hall('local');
  busy.state.work.give(NOW, [OURS], () => undefined);
  assert.match(busy.standby.refusal() ?? '', /local resources are in flux/);
});

test('a request of the peer while we start or our scripts run is ignored, and said so', () => {
  const starting = new Hall();
  starting.state.phase = 'starting';
  starting.hear('me', 'foreign');
  assert.deepEqual([starting.port.codes().at(-1), starting.standby.idle], ['standbyLocalFlux', true]);
  const busy = new Hall('local');
  busy.state.work.give(NOW, [OURS], () => undefined);
  busy.hear('me', 'foreign');
  assert.equal(busy.port.codes().at(-1), 'standbyLocalFlux');
  assert.equal(busy.standby.idle, true);
});

// --- both ask at once ---

test('both of ours ask at once: the lower name goes first, and both nodes know it', () => {
  const higher = new Hall('local', { peerName: 'n1', speaksOurs: true }).in('asked');
  higher.hear('me', 'foreign');
  assert.ok(higher.port.codes().includes('standbyCancelled'));
  assert.deepEqual(higher.port.news(), ['ask_resources foreign other'], 'n2 drops its own for that of n1');
  const lower = new Hall('local', { peerName: 'n3', speaksOurs: true }).in('asked');
  lower.hear('me', 'foreign');
  assert.deepEqual(lower.port.codes(), ['standbyBusy']);
  assert.equal(lower.standby.waitingForReply, true, 'n2 waits for the answer of n3');
});

test('a 3.0.6 peer that asks at the same time is told nothing: both run out', () => {
  const hall = new Hall('local').in('asked');
  hall.hear('me', 'foreign');
  assert.deepEqual(hall.port.news(), []);
  assert.equal(hall.standby.waitingForReply, true);
});

// --- the peer says that it stands still ---

test('one of ours that says it is settled after its request has dropped it: the offer is void', () => {
  const hall = new Hall('local', { speaksOurs: true }).in('offered');
  hall.standby.peerSettled(NOW, hall.seq - 1);
  assert.equal(hall.standby.idle, false, 'said before the request: nothing');
  hall.standby.peerSettled(NOW, hall.seq + 1);
  assert.equal(hall.standby.idle, true);
  assert.equal(hall.settled, 1);
});

test('given, and one of ours says that it is settled: it has taken the set or never will, and nobody waits', () => {
  for (const took of [true, false]) {
    const hall = new Hall('local', { speaksOurs: true }).in('given');
    hall.standby.peerSettled(NOW, 1);
    assert.equal(hall.standby.idle, false, 'said before its offer: nothing');
    hall.state.peer.holds = { local: took, foreign: true };
    hall.standby.peerSettled(NOW, hall.seq + 2);
    assert.deepEqual([hall.standby.idle, hall.settled], [true, 1]);
    assert.deepEqual(hall.port.codes(), [took ? 'otherCompletedStandby' : 'standbyCancelled']);
    hall.hear('done', 'local');
    assert.equal(hall.port.codes().length, 1, 'its done, overtaken by that word, is no news');
  }
});

for (const step of ['asked', 'giving', 'taking'] as const) {
  test(`${step}: the peer's word that it is settled ends nothing`, () => {
    const hall = new Hall('local', { speaksOurs: true }).in(step);
    hall.standby.peerSettled(NOW, hall.seq + 1);
    assert.equal(hall.standby.idle, false);
  });
}

test('a `done` of an earlier move, lost and sent again, starts nothing while the giver still stops', () => {
  const bench = new Bench().joined();
  const earlier = bench.seq;
  bench.asks('local', 'me');
  bench.port.news();
  bench.hear('ask_resources', { rsc_hold: 'local', info: 'done' }, earlier);
  bench.settle();
  assert.ok(!bench.port.news().some((line) => line.startsWith('start ')));
  bench.asks('local', 'done');
  bench.settle();
  assert.ok(bench.port.news().some((line) => line.startsWith('start ')));
});
