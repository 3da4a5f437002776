/** Each question and each way of asking it wrongly, with the answers of 3.0.6. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binary, Message, text } from '../../src/protocol/message.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';
import { pair, type Rig } from '../engine/support.ts';
import { APIAUTH, line, TestClient } from './support.ts';

function casual(more = {}): { rig: Rig; client: TestClient } {
  const { rig } = pair({ apiauth: APIAUTH, parameters: { keepalive: '1', deadtime: '5' }, ...more });
  return { rig, client: new TestClient(rig).signOn() };
}

const BAD = 'result=badreq info=EINVAL';
const answers: readonly [request: string, fields: Readonly<Record<string, string>>, answer: string | undefined][] = [
  ['foo', {}, 'result=badreq'],
  ['nodestatus', {}, BAD],
  ['nodestatus', { node: 'nosuch' }, BAD],
  ['nodestatus', { node: 'N1' }, 'st=active result=OK'],
  ['nodetype', {}, BAD],
  ['nodetype', { node: 'n1' }, 'nodetype=normal result=OK'],
  ['nodeweight', {}, BAD],
  ['nodeweight', { node: 'n2' }, 'weight=100 result=OK'],
  ['nodesite', { node: 'nosuch' }, BAD],
  ['nodesite', { node: 'n2' }, 'site= result=OK'],
  ['iflist', {}, BAD],
  ['iflist', { node: 'n1' }, 'ifname=eth1 st=up result=OK'],
  ['ifstatus', { node: 'n1' }, BAD],
  ['ifstatus', { node: 'n1', ifname: 'zz' }, BAD],
  ['ifstatus', { node: 'zz', ifname: 'eth1' }, BAD],
  ['ifstatus', { node: 'n1', ifname: 'eth1' }, 'st=up result=OK'],
  ['ifstatus', { node: 'n2', ifname: 'eth1' }, 'st=dead result=OK'],
  ['getparm', {}, BAD],
  ['getparm', { pname: 'zz' }, 'result=OK'],
  ['getparm', { pname: 'toString' }, 'result=OK'],
  ['getparm', { pname: 'DEADTIME' }, 'result=OK'],
  ['getparm', { pname: 'deadtime' }, 'pvalue=5 result=OK'],
  ['getparm', { pname: 'hbversion' }, 'pvalue=3.0.6 result=OK'],
  ['getuuid', {}, 'result=badreq info=no query node name found'],
  ['getuuid', { queryname: 'nosuch' }, 'result=OK'],
  ['getuuid', { queryname: 'n2' }, 'queryuuid=our-own-uuid-16. result=OK'],
  ['getnodename', {}, 'result=badreq info=no query node name found'],
  ['getnodename', { queryuuid: 'our-own-uuid-16.' }, 'queryname=n2 result=OK'],
  ['getnodename', { queryuuid: 'unknown' }, 'result=OK'],
  ['setfilter', {}, BAD],
  ['setfilter', { fmask: 'zz' }, BAD],
  ['setfilter', { fmask: '0' }, BAD],
  ['setfilter', { fmask: 'ffff' }, 'result=OK'],
  ['setsignal', {}, 'result=badreq'],
  ['setsignal', { signal: '99' }, BAD],
  ['setsignal', { signal: 'x' }, BAD],
  ['setsignal', { signal: '0' }, 'result=OK'],
  ['set_sendqlen', { sendqlen: '100' }, undefined],
  ['set_sendqlen', {}, undefined],
  ['clientstatus', {}, BAD],
  ['clientstatus', { node: 'zz', cn: 'x' }, BAD],
  ['clientstatus', { node: 'n2', cn: 'x' }, 'subt=respond-cstatus cs=offline result=OK'],
  ['clientstatus', { node: 'n2', cn: '400' }, 'subt=respond-cstatus cs=online result=OK'],
  ['numnodes', {}, 'numnodes=2 result=OK'],
  ['getrsc', {}, 'rsc_hold=local result=OK'],
  ['signon', { uid: '0', gid: '0' }, 'result=badreq'],
];

for (const [request, fields, answer] of answers) {
  test(`${request} ${JSON.stringify(fields)} is answered ${answer ?? 'with nothing'}`, () => {
    const { client } = casual();
    const lines = client.request(request, ...Object.entries(fields)).map(line);
    assert.deepEqual(lines, answer === undefined ? [] : [`t=hbapi-resp reqtype=${request} ${answer}`]);
    assert.ok(!client.closed);
  });
}

test('nodelist: one answer per node, the last one says so', () => {
  assert.deepEqual(casual().client.request('nodelist').map(line), [
    't=hbapi-resp reqtype=nodelist node=n1 nodetype=normal st=active result=ok/more',
    't=hbapi-resp reqtype=nodelist node=n2 nodetype=normal st=active result=OK',
  ]);
});

test('after the sign-on the socket alone says who asks', () => {
  const { client } = casual();
  client.say(['t', 'hbapi-req'], ['reqtype', 'numnodes'], ['pid', '1'], ['from_id', 'mycl']);
  assert.deepEqual(client.lines(), ['t=hbapi-resp reqtype=numnodes numnodes=2 result=OK']);
  client.say(['t', 'hbapi-req'], ['pid', '400']);
  assert.deepEqual(client.lines(), []);
});

test('answers come in the form that msgfmt asks for, and both forms are read', () => {
  for (const msgfmt of ['classic', 'netstring'] as const) {
    const { client } = casual({ msgfmt });
    for (const form of ['classic', 'netstring'] as const) {
      const before = client.frames.length;
      client.write(writePlain(Message.of(['t', 'hbapi-req'], ['reqtype', 'numnodes']), form));
      const [frame] = client.frames.slice(before);
      assert.equal(String.fromCharCode(frame?.[0] ?? 0), msgfmt === 'classic' ? '>' : '#');
      assert.equal(frame?.at(-1) === 0, msgfmt === 'classic');
      assert.equal(readPlain(frame ?? new Uint8Array())?.get('numnodes'), '2');
    }
  }
});

test('a uuid travels as bytes', () => {
  const { client } = casual();
  const [answer] = client.request('getuuid', ['queryname', 'n1']);
  const uuid = answer?.get('queryuuid') ?? '';
  assert.equal(answer?.fields.find(({ name }) => name === 'queryuuid')?.type, 1);
  const question = new Message([text('t', 'hbapi-req'), text('reqtype', 'getnodename'), binary('queryuuid', uuid)]);
  client.write(writePlain(question, 'classic'));
  assert.deepEqual(client.lines(), ['t=hbapi-resp reqtype=getnodename queryname=n1 result=OK']);
});

test('a link over which nothing was ever heard is dead', () => {
  const { client } = casual();
  assert.deepEqual(client.request('iflist', ['node', 'n2']).map(line), ['t=hbapi-resp reqtype=iflist ifname=eth1 st=dead result=OK']);
});
