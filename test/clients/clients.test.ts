/** Sign-on, filters, messages for the cluster, and what a client may not do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToBytes } from '../../src/base/bytes.ts';
import { MAX_CLIENTS, MAX_OUTSTANDING, MAX_QUESTIONS_PER_CLIENT, MAX_WAITING_PER_CLIENT } from '../../src/clients/limits.ts';
import type { ClientCredentials } from '../../src/contracts/clients.ts';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { Played, pair, Rig } from '../engine/support.ts';
import { APIAUTH, line, ROOT, TestClient } from './support.ts';

const cluster = () => pair({ apiauth: APIAUTH });
const someone: ClientCredentials = { pid: 500, uid: 1000, gid: 1000, user: 'someone', group: 'users' };

function signOn(client: TestClient, ...fields: readonly (readonly [string, string])[]): string[] {
  client.say(['t', 'hbapi-req'], ['reqtype', 'signon'], ...fields);
  return client.lines().map((each) => each.replace(/ deadtime=.*/, ''));
}

const refusals: readonly [what: string, fields: readonly (readonly [string, string])[], info: string][] = [
  [
    'another user',
    [
      ['pid', '400'],
      ['from_id', '400'],
      ['uid', '5'],
      ['gid', '0'],
    ],
    'incorrect/false credentials',
  ],
  [
    'another group',
    [
      ['pid', '400'],
      ['from_id', '400'],
      ['uid', '0'],
      ['gid', '5'],
    ],
    'incorrect/false credentials',
  ],
  [
    'another process',
    [
      ['pid', '1'],
      ['from_id', '1'],
      ['uid', '0'],
      ['gid', '0'],
    ],
    'pid mismatch',
  ],
  [
    'no user',
    [
      ['pid', '400'],
      ['from_id', '400'],
    ],
    'invalid id info',
  ],
  [
    'no process',
    [
      ['from_id', 'mycl'],
      ['uid', '0'],
      ['gid', '0'],
    ],
    'invalid id info',
  ],
  [
    'a name with a newline',
    [
      ['pid', '400'],
      ['from_id', 'my\ncl'],
      ['uid', '0'],
      ['gid', '0'],
    ],
    'invalid id info',
  ],
  [
    'a name that nobody may have',
    [
      ['pid', '400'],
      ['from_id', 'nobody'],
      ['uid', '0'],
      ['gid', '0'],
    ],
    'no default client auth',
  ],
  [
    'a name of somebody else',
    [
      ['pid', '400'],
      ['from_id', 'ipfail'],
      ['uid', '0'],
      ['gid', '0'],
    ],
    'client failed authorization',
  ],
];

for (const [what, fields, info] of refusals) {
  test(`sign-on as ${what} is refused`, () => {
    const { rig } = cluster();
    const client = new TestClient(rig);
    const lines = signOn(client, ...fields);
    assert.equal(lines[0], `t=hbapi-resp reqtype=signon info=${info} result=badreq`);
    assert.ok(client.closed);
    assert.deepEqual(rig.messages('hbapi-clstat'), [], 'the cluster does not hear of it');
    assert.deepEqual(rig.codes(), ['clientUnauthorized', 'clientNotAdded']);
  });
}

test('a refused name is told that it leaves, and an ordinary user may not ask', () => {
  const { rig } = cluster();
  const named = new TestClient(rig);
  const lines = signOn(named, ['pid', '400'], ['from_id', 'nobody'], ['uid', '0'], ['gid', '0']);
  assert.equal(lines[1], 't=hbapi-clstat st=leave from_id=nobody to_id=nobody src=n2 info=no default client auth client_gen=0');
  const casual = new TestClient(rig, undefined, someone);
  assert.deepEqual(signOn(casual, ['pid', '500'], ['uid', '1000'], ['gid', '1000']), [
    't=hbapi-resp reqtype=signon info=client failed authorization result=badreq',
  ]);
  assert.ok(casual.closed);
});

test('one name is there once', () => {
  const { rig } = cluster();
  const first = new TestClient(rig, 'mycl').signOn();
  const second = new TestClient(rig, 'mycl', { ...ROOT, pid: 401 });
  assert.match(
    signOn(second, ['pid', '401'], ['from_id', 'mycl'], ['uid', '0'], ['gid', '0'])[0] ?? '',
    /info=duplicate add request result=badreq/,
  );
  assert.ok(second.closed && !first.closed);
  first.leave();
  new TestClient(rig, 'mycl', { ...ROOT, pid: 402 }).signOn();
});

test('before the sign-on nothing is answered, and nothing is heard', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig, 'mycl');
  client.request('numnodes');
  client.say(['t', 'apitest']);
  rig.hear(peer.frame('resource', [['rsc_hold', 'local']]));
  assert.deepEqual(client.lines(), []);
  assert.deepEqual(rig.messages('apitest'), []);
  client.signOn();
});

test('no name speaks before the node is active, questions are answered', () => {
  const rig = new Rig({ apiauth: APIAUTH }).start();
  const named = new TestClient(rig, 'mycl');
  assert.match(signOn(named, ['pid', '400'], ['from_id', 'mycl'], ['uid', '0'], ['gid', '0'])[0] ?? '', /info=heartbeat is not active yet/);
  const casual = new TestClient(rig).signOn();
  assert.deepEqual(casual.request('nodestatus', ['node', 'n2']).map(line), ['t=hbapi-resp reqtype=nodestatus st=up result=OK']);
});

test('comings and goings of named clients are told to all, and to their like here', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig, 'mycl');
  assert.deepEqual(
    client.request('signon', ['uid', '0'], ['gid', '0']).map(({ type }) => type),
    ['hbapi-clstat', 'hbapi-resp'],
  );
  rig.hear(
    peer.frame('hbapi-clstat', [
      ['st', 'join'],
      ['from_id', 'mycl'],
      ['to_id', 'mycl'],
      ['info', 'signon'],
      ['client_gen', '0'],
    ]),
  );
  rig.hear(
    peer.frame('hbapi-clstat', [
      ['st', 'join'],
      ['from_id', 'other'],
      ['to_id', 'other'],
    ]),
  );
  assert.deepEqual(client.lines(), ['t=hbapi-clstat st=join from_id=mycl to_id=mycl info=signon client_gen=0 src=n1']);
  client.request('signoff');
  const gone = new TestClient(rig, 'mycl', { ...ROOT, pid: 401 }).signOn();
  gone.leave();
  new TestClient(rig).signOn().leave();
  assert.deepEqual(
    rig.messages('hbapi-clstat').map(({ message }) => `${message.get('st')} ${message.get('info')} ${message.get('client_gen')}`),
    ['join signon 0', 'leave signoff 0', 'join signon 1', 'leave EOF 1'],
  );
  assert.ok(client.closed);
});

test('what a named client says goes to its like everywhere, as its own word', () => {
  const { rig } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  const casual = new TestClient(rig, undefined, { ...ROOT, pid: 401 }).signOn();
  client.lines();
  client.say(['t', 'apitest'], ['src', 'n9'], ['from_id', 'ipfail'], ['to_id', 'ipfail'], ['seq', '1'], ['client_gen', '7'], ['x', 'y']);
  const said = 't=apitest src=n2 from_id=mycl to_id=mycl client_gen=0 x=y';
  assert.deepEqual(
    rig.messages('apitest').map(({ message }) => line(message)),
    [said],
  );
  assert.deepEqual(client.lines(), [said]);
  assert.deepEqual(casual.lines(), []);
  client.say(['t', 'apitest'], ['dest', 'n1']);
  assert.equal(rig.messages('apitest').length, 2);
  assert.deepEqual(client.lines(), [], 'for the other node');
});

test('a message without a number brings no header along', () => {
  const { rig } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  client.say(['t', 'NS_test'], ['src', 'n1'], ['hg', 'ff'], ['ts', '1'], ['ttl', '9'], ['x', 'y']);
  const [sent] = rig.messages('NS_test');
  assert.equal(line(sent?.message ?? new Message([])), 't=NS_test x=y from_id=mycl to_id=mycl client_gen=0 src=n2');
  assert.equal(sent?.message.get('hg'), (900).toString(16));
});

test('a message with two types is refused', () => {
  const { rig } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  rig.forget();
  client.say(['t', 'apitest'], ['t', 'status']);
  client.say(['x', 'y']);
  assert.deepEqual(rig.sent, []);
  assert.deepEqual(rig.codes(), ['localRefused', 'localRefused']);
});

test('a casual client that speaks is cut off', () => {
  const { rig } = cluster();
  const client = new TestClient(rig).signOn();
  client.say(['t', 'apitest']);
  assert.ok(client.closed);
  assert.deepEqual(rig.messages('apitest'), []);
  assert.deepEqual(rig.codes(), ['clientCasualMessage']);
});

const OWN = ['status', 'starting', 'resource', 'shutdone', 'reqnodes', 'repnodes', 'stonith', 'ifstat', 'ip-request', 'ip-request-resp'];
for (const type of [
  ...OWN,
  'hbapi-clstat',
  'hbapi-resp',
  'query-cstatus',
  'respond-cstatus',
  'NS_ackmsg',
  'NS_rexmit',
  'NS_nak_rexmit',
  'NS_st',
]) {
  test(`nobody says ${type} for the daemon`, () => {
    const { rig } = cluster();
    const client = new TestClient(rig, 'mycl').signOn();
    rig.forget();
    client.say(['t', type], ['st', 'funny'], ['dest', 'n1'], ['rsc_hold', 'all'], ['ackseq', '1']);
    rig.give({ kind: 'localMessage', bytes: writePlain(Message.of(['t', type], ['st', 'funny']), 'classic') });
    assert.deepEqual(rig.sent, []);
    assert.deepEqual(rig.codes(), ['localRefused', 'localRefused']);
    assert.ok(!client.closed);
  });
}

const SHOWN: Readonly<Record<string, readonly string[]>> = {
  1: ['ifstat n2 up', 'status n1 strange'],
  2: ['status n2 active', 'status n1 active'],
  4: ['apitest n1'],
  8: ['status n2 active', 'status n1 strange'],
  10: ['hbapi-req'],
  20: ['NS_ackmsg n1'],
};
for (const [mask, expected] of Object.entries(SHOWN)) {
  test(`with the filter ${mask} a client hears ${expected.join(', ')}`, () => {
    const { rig, peer } = cluster();
    const client = new TestClient(rig).signOn();
    client.request('setfilter', ['fmask', mask]);
    rig.wait(1000);
    rig.hear(rig.messages('status').at(-1)?.bytes ?? new Uint8Array());
    rig.hear(peer.status('active'));
    const news = peer.status('strange');
    rig.hear(news);
    rig.hear(news);
    rig.hear(peer.frame('apitest', [['dest', 'n3']]));
    rig.hear(
      peer.frame('NS_ackmsg', [
        ['dest', 'n2'],
        ['ackseq', '1'],
      ]),
    );
    client.say(['t', 'hbapi-req'], ['reqtype', 'numnodes']);
    const shown = (message: Message) =>
      [message.type, message.get('src') ?? message.get('node') ?? '', message.get('st') ?? ''].join(' ').trim();
    // When the other node's numbers are acknowledged is left to chance.
    const heard = client
      .heard()
      .filter((message) => message.type !== 'hbapi-resp' && !(message.type === 'NS_ackmsg' && message.get('src') === 'n2'));
    assert.deepEqual(heard.map(shown), expected);
  });
}

test('deaths and links are told as 3.0.6 does', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  client.lines();
  rig.wait(6000);
  const lines = client.lines().filter((each) => each.includes('t=status') || each.includes('ifstat'));
  assert.deepEqual(lines, ['t=status src=n1 st=dead', 't=ifstat node=n1 ifname=eth1 st=dead']);
  rig.hear(peer.status('active'));
  assert.deepEqual(
    client.lines().filter((each) => each.includes('ifstat') || each.includes('src=n1')),
    ['t=ifstat node=n1 ifname=eth1 st=up', 't=status st=active dt=1388 protocol=1 src=n1'],
  );
});

test('a client of another node: asked there, and told what it says', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig).signOn();
  assert.deepEqual(client.request('clientstatus', ['node', 'n1'], ['cn', 'ipfail']), []);
  const [asked] = rig.messages('query-cstatus');
  assert.equal(line(asked?.message ?? new Message([])), 't=query-cstatus dest=n1 cn=ipfail from_id=400 src=n2');
  rig.hear(
    peer.frame('respond-cstatus', [
      ['dest', 'n2'],
      ['result', 'OK'],
      ['cn', 'ipfail'],
      ['to_id', '400'],
      ['cs', 'online'],
    ]),
  );
  assert.deepEqual(client.lines(), ['t=respond-cstatus dest=n2 result=OK cn=ipfail to_id=400 cs=online src=n1']);
});

test('its node dies before it answers: its clients are gone', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig).signOn();
  client.request('clientstatus', ['node', 'n1'], ['cn', 'ipfail']);
  const gone = 't=hbapi-resp reqtype=clientstatus subt=respond-cstatus cs=offline result=OK';
  rig.wait(6000);
  assert.deepEqual(
    client.lines().filter((each) => each.includes('clientstatus')),
    [gone],
  );
  assert.deepEqual(client.request('clientstatus', ['node', 'n1'], ['cn', 'ipfail']).map(line), [gone]);
  rig.hear(peer.status('active'));
  client.request('clientstatus', ['node', 'n1'], ['cn', 'ipfail']);
  const restarted = new Played('n1', 501);
  rig.hear(restarted.status('init'));
  assert.deepEqual(
    client.lines().filter((each) => each.includes('clientstatus')),
    [gone],
  );
});

test('questions that nobody answers are bounded', () => {
  const { rig } = cluster();
  const client = new TestClient(rig).signOn();
  for (let count = 0; count < MAX_QUESTIONS_PER_CLIENT; count += 1) client.request('clientstatus', ['node', 'n1'], ['cn', 'x']);
  assert.equal(rig.messages('query-cstatus').length, MAX_QUESTIONS_PER_CLIENT);
  assert.match(client.request('clientstatus', ['node', 'n1'], ['cn', 'x']).map(line).join(), /result=badreq/);
});

test('the other node asks about a client here', () => {
  const { rig, peer } = cluster();
  const ask = (cn: string) => {
    rig.hear(
      peer.frame('query-cstatus', [
        ['dest', 'n2'],
        ['cn', cn],
        ['from_id', 'x'],
      ]),
    );
    return line(rig.messages('respond-cstatus').at(-1)?.message ?? new Message([]));
  };
  assert.equal(ask('mycl'), 't=respond-cstatus dest=n1 result=OK cn=mycl to_id=x cs=offline src=n2');
  const client = new TestClient(rig, 'mycl').signOn();
  client.lines();
  assert.equal(ask('mycl'), 't=respond-cstatus dest=n1 result=OK cn=mycl to_id=x cs=online src=n2');
  assert.deepEqual(client.lines(), [], 'that is between the daemons');
  client.leave();
  assert.equal(ask('mycl'), 't=respond-cstatus dest=n1 result=OK cn=mycl to_id=x cs=offline src=n2');
});

test('setsignal: a signal with each message', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig).signOn();
  client.request('setsignal', ['signal', '10']);
  const before = client.signals;
  rig.hear(peer.frame('apitest'));
  client.look();
  assert.equal(client.signals, before + 1);
});

test('garbage and messages that could not be sent end the connection', () => {
  for (const bytes of [textToBytes('hello'), new Uint8Array(0), new Uint8Array(300_000), textToBytes('###\n4:(9)x=,%%%\n')]) {
    const { rig } = cluster();
    const client = new TestClient(rig).signOn();
    client.write(bytes);
    assert.ok(client.closed);
    assert.deepEqual(rig.codes(), ['clientGarbage']);
  }
});

test('connections are bounded; one that has not signed on gives way', () => {
  const { rig } = cluster();
  const clients = Array.from({ length: MAX_CLIENTS }, (_, index) => new TestClient(rig, undefined, { ...ROOT, pid: 1000 + index }));
  const [first, ...others] = clients;
  for (const client of others) client.signOn();
  const next = new TestClient(rig, undefined, { ...ROOT, pid: 2000 });
  first?.look();
  assert.ok(first?.closed && !next.closed);
  next.signOn();
  const last = new TestClient(rig, undefined, { ...ROOT, pid: 2001 });
  assert.ok(last.closed);
});

test('a client that writes faster than the other node takes it waits, and is read again in order', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  const other = new TestClient(rig, undefined, { ...ROOT, pid: 401 }).signOn();
  const before = rig.messages().length;
  let said = 0;
  const say = () => {
    said += 1;
    client.say(['t', 'apitest'], ['n', String(said)]);
  };
  while (rig.messages('apitest').length === said) say();
  assert.ok(rig.messages().length - before <= MAX_OUTSTANDING);
  client.say(['t', 'hbapi-req'], ['reqtype', 'signoff']);
  assert.ok(!client.closed, 'not read before what it wrote earlier');
  assert.equal(other.request('numnodes').length, 1, 'others are not held up');
  const newest = rig.messages('apitest').at(-1)?.message.get('seq') ?? '';
  rig.hear(
    peer.frame('NS_ackmsg', [
      ['dest', 'n2'],
      ['ackseq', newest],
    ]),
  );
  assert.deepEqual(
    rig.messages('apitest').map(({ message }) => Number(message.get('n'))),
    Array.from({ length: said }, (_, index) => index + 1),
  );
  client.look();
  assert.ok(client.closed);
  assert.equal(rig.messages('hbapi-clstat').at(-1)?.message.get('info'), 'signoff');
});

test('questions of clients, here and there, push nothing out of what can still be sent again', () => {
  const { rig, peer } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  const asker = new TestClient(rig, undefined, { ...ROOT, pid: 401 }).signOn();
  for (let count = 0; count < MAX_OUTSTANDING; count += 1) client.say(['t', 'apitest']);
  const before = rig.messages().length;
  const [answer] = asker.request('clientstatus', ['node', 'n1'], ['cn', 'ipfail']);
  assert.equal(answer?.get('result'), 'badreq');
  const ask = () =>
    rig.hear(
      peer.frame('query-cstatus', [
        ['dest', 'n2'],
        ['cn', 'mycl'],
        ['from_id', 'x'],
      ]),
    );
  ask();
  assert.equal(rig.messages().filter(({ message }) => message.type.endsWith('-cstatus')).length, 0, `${before}`);
  rig.hear(
    peer.frame('NS_ackmsg', [
      ['dest', 'n2'],
      ['ackseq', rig.messages().at(-1)?.message.get('seq') ?? ''],
    ]),
  );
  ask();
  asker.request('clientstatus', ['node', 'n1'], ['cn', 'ipfail']);
  assert.equal(rig.messages('respond-cstatus').length, 1);
  assert.equal(rig.messages('query-cstatus').length, 1);
});

test('what waits is bounded', () => {
  const { rig } = cluster();
  const client = new TestClient(rig, 'mycl').signOn();
  for (let count = 0; count < MAX_OUTSTANDING + MAX_WAITING_PER_CLIENT + 1 && !client.closed; count += 1) client.say(['t', 'apitest']);
  assert.ok(client.closed);
  assert.deepEqual(
    rig.codes().filter((code) => code.startsWith('client')),
    ['clientAhead'],
  );
  assert.equal(rig.messages('hbapi-clstat').at(-1)?.message.get('st'), 'leave');
});
