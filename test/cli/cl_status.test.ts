import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { clStatus } from '../../src/cli/cl_status.ts';
import type { CommandResult } from '../../src/contracts/engine.ts';
import type { NodeStatus, StatusSnapshot } from '../../src/contracts/status.ts';
import { ApiClient } from '../../src/control/api-client.ts';
import { ControlError, type ControlFailure } from '../../src/control/client.ts';
import { type FakeRegister, fakeRegister, type Reply, type Row } from './fake-register.ts';

const NODES: Readonly<Record<string, { readonly type: string; readonly st: string; readonly links: Readonly<Record<string, string>> }>> = {
  '10.0.0.254': { type: 'ping', st: 'ping', links: { '10.0.0.254': 'up' } },
  n1: { type: 'normal', st: 'active', links: { eth0: 'up' } },
  n2: { type: 'normal', st: 'dead', links: { eth1: 'up', eth0: 'dead' } },
};

const PARAMETERS: Readonly<Record<string, string>> = { keepalive: '200ms', udpport: '694' };

const NEWS: Row = { t: 'hbapi-clstat', st: 'join', from_id: 'ipfail', result: 'OK' };

function answer(request: Row): Reply {
  const named = NODES[(request.node ?? '').toLowerCase()];
  const aboutNode = (row: (node: NonNullable<typeof named>) => readonly Row[]): Reply => (named === undefined ? 'EINVAL' : row(named));
  switch (request.reqtype) {
    case 'signon':
      // News of others may come before the answer.
      return {
        raw: [
          NEWS,
          { t: 'hbapi-resp', reqtype: 'nodestatus', result: 'OK', st: 'nonsense' },
          { t: 'hbapi-resp', reqtype: 'signon', result: 'OK', node: 'n1', hbversion: '9.8.7', pacemaker: 'false' },
        ],
      };
    case 'nodelist':
      return Object.entries(NODES).map(([node, { type, st }]) => ({ node, nodetype: type, st }));
    case 'nodestatus':
      return aboutNode(({ st }) => [{ st }]);
    case 'nodetype':
      return aboutNode(({ type }) => [{ nodetype: type }]);
    case 'nodeweight':
      return aboutNode(() => [{ weight: '100' }]);
    case 'nodesite':
      return aboutNode(() => [{ site: '' }]);
    case 'iflist':
      return aboutNode(({ links }) => Object.entries(links).map(([ifname, st]) => ({ ifname, st })));
    case 'ifstatus': {
      const st = named?.links[request.ifname ?? ''];
      return st === undefined ? '' : [{ st }];
    }
    case 'getrsc':
      return [{ rsc_hold: 'all' }];
    case 'getparm': {
      const name = request.pname ?? '';
      const pvalue = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
      return [pvalue === undefined ? {} : { pvalue }];
    }
    case 'clientstatus':
      if (named === undefined) return 'EINVAL';
      if (request.node === 'n2') return undefined;
      return { raw: [{ t: 'respond-cstatus', cn: 'another', cs: 'offline' }, NEWS, clientAnswer(request.cn ?? '')] };
    default:
      return undefined;
  }
}

/** By the daemon itself, or from another node. */
const clientAnswer = (cn: string): Row => {
  const cs = cn === 'ipfail' ? 'online' : 'offline';
  if (cn === 'far') return { t: 'respond-cstatus', result: 'OK', cn, cs: 'online' };
  return { t: 'hbapi-resp', reqtype: 'clientstatus', subt: 'respond-cstatus', result: 'OK', cs };
};

let daemon: FakeRegister;
test.before(async () => {
  daemon = await fakeRegister(answer);
});
test.after(() => daemon.close());

const node = (name: string, status: string, more: Partial<NodeStatus> = {}): NodeStatus => ({
  name,
  type: 'normal',
  weight: 100,
  site: '',
  status,
  links: [],
  generation: 1,
  deadtimeMs: 1000,
  heartbeatd: true,
  ...more,
});

const snapshot: StatusSnapshot = {
  node: 'n1',
  version: '9.8.7',
  generation: 7,
  state: 'active',
  rscstatus: 'all',
  nodes: [
    node('n1', 'active', { links: [{ name: 'eth0', status: 'up' }] }),
    node('n2', 'dead', {
      weight: 200,
      site: 'east',
      links: [
        { name: 'eth0', status: 'dead' },
        { name: 'eth1', status: 'up' },
      ],
    }),
    node('10.0.0.254', 'ping', { type: 'ping' }),
  ],
  groups: [],
  parameters: { keepalive: '200ms', udpport: '694' },
  counters: {},
  warnings: [],
  keys: { auth: { index: 1, method: 'sha1' }, signing: { index: 1, method: 'sha1' } },
};

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Sockets that were asked. */
  readonly paths: readonly string[];
}

const IDENTITY = { pid: 367, uid: 0, gid: 0, node: 'n1' };

/** @param register the client socket that answers, whatever the words say about the folder */
async function runWords(
  words: readonly string[],
  register: string = daemon.path,
  result: CommandResult | ControlFailure = { ok: true, status: snapshot },
  limitMs?: number,
): Promise<Ran> {
  let out = '';
  let err = '';
  const paths: string[] = [];
  const status = await clStatus(words, {
    out: (line) => (out += `${line}\n`),
    err: (line) => (err += `${line}\n`),
    async ask(asked) {
      paths.push(asked);
      if (typeof result === 'string') throw new ControlError(result, `it is ${result}`);
      return result;
    },
    signOn(asked) {
      paths.push(asked);
      return ApiClient.signOn(register, IDENTITY, limitMs);
    },
  });
  return { status, out, err, paths };
}

const run = (words: string, ...more: [register?: string, result?: CommandResult | ControlFailure, limitMs?: number]): Promise<Ran> =>
  runWords(words.split(' ').filter(Boolean), ...more);

const links = (style: string): string => (style === 'm' ? '\tthis node has the following heartbeat links:\n' : '');
const verbose = (style: string): string =>
  `\nn2\tdead\t(nodetype: normal)\n${links(style)}\teth0\tdead\n\teth1\tup\n\nn1\tactive\t(nodetype: normal)\n${links(style)}\teth0\tup\n` +
  `\n10.0.0.254\tping\t(nodetype: ping)\n${links(style)}\t10.0.0.254\tup\n`;
const INTRODUCTION = 'The nodes are as follow:\n';

/** As the original printed it, over the same kind of answers. */
const table: readonly (readonly [words: string, status: number, out: string])[] = [
  ['hbstatus', 0, 'Heartbeat is running on this machine.\n'],
  ['hbstatus -m', 0, 'Heartbeat is running on this machine.\n'],
  ['hbstatus some words', 0, 'Heartbeat is running on this machine.\n'],
  ['hbstatus -v', 0, `version:\t9.8.7\nmanaged by:\t"haresources"\n${verbose('')}`],
  ['hbstatus -vm', 0, `Heartbeat version 9.8.7\nResources controlled by "haresources"\n${INTRODUCTION}${verbose('m')}`],
  ['listnodes', 0, 'n2\nn1\n10.0.0.254\n'],
  ['listnodes x', 0, 'n2\nn1\n10.0.0.254\n'],
  ['listnodes -n', 0, 'n2\nn1\n'],
  ['listnodes -p', 0, '10.0.0.254\n'],
  ['listnodes -n -p', 0, 'n2\nn1\n10.0.0.254\n'],
  ['listnodes -m -p', 0, `${INTRODUCTION}10.0.0.254\n`],
  ['listnodes -v', 0, verbose('')],
  ['listnodes -vm', 0, `${INTRODUCTION}${verbose('m')}`],
  ['listnodes -pv', 0, '\n10.0.0.254\tping\t(nodetype: ping)\n\t10.0.0.254\tup\n'],
  ['nodestatus n1', 0, 'active\n'],
  ['nodestatus n1 n2', 0, 'active\n'],
  ['nodestatus -- n1', 0, 'active\n'],
  ['nodestatus n2', 1, 'dead\n'],
  ['nodestatus 10.0.0.254', 0, 'ping\n'],
  ['nodestatus N1', 0, 'active\n'],
  ['nodestatus n2 -m', 1, 'The cluster node n2 is dead\n'],
  ['nodestatus -m n2', 1, 'The cluster node n2 is dead\n'],
  ['nodetype n1', 0, 'normal\n'],
  ['nodetype -m 10.0.0.254', 0, "The node 10.0.0.254's type: ping\n"],
  ['nodeweight n1', 0, '100\n'],
  ['nodeweight -m n1', 0, 'The weight of the cluster node n1 is 100\n'],
  ['nodesite n1', 0, '\n'],
  ['nodesite -m n1', 0, 'The site of the cluster node n1 is \n'],
  ['listhblinks n2', 0, '\teth0\n\teth1\n'],
  ['listhblinks -v n2', 0, '\teth0\tdead\n\teth1\tup\n'],
  ['listhblinks -mv n2', 0, '\tthis node has the following heartbeat links:\n\teth0\tdead\n\teth1\tup\n'],
  ['listhblinks 10.0.0.254', 0, '\t10.0.0.254\n'],
  ['hblinkstatus n2 eth1', 0, 'up\n'],
  ['hblinkstatus n2 eth0', 1, 'dead\n'],
  ['hblinkstatus -m n2 eth1', 0, "The node n2's heartbeat link eth1 is up\n"],
  ['clientstatus n1 ipfail', 0, 'online\n'],
  ['clientstatus -m n1 ipfail', 0, 'online\n'],
  ['clientstatus n1 far', 0, 'online\n'],
  ['clientstatus n1 foo', 1, 'offline\n'],
  ['clientstatus n1 foo 9000', 1, 'offline\n'],
  ['rscstatus', 0, 'all\n'],
  ['rscstatus -m', 0, 'This node is holding all resources.\n'],
  ['hbparameter -p keepalive', 0, '200ms\n'],
  ['hbparameter -pkeepalive', 0, '200ms\n'],
  ['hbparameter -p keepalive -m', 0, "Heartbeat parameter keepalive's value: 200ms\n"],
  ['hbparameter -p hbversion', 0, '9.8.7\n'],
  ['hbparameter -p pacemaker', 0, 'false\n'],
];

for (const [words, status, out] of table) {
  test(`cl_status ${words}`, async () => {
    const ran = await run(words);
    assert.deepEqual([ran.status, ran.out, ran.err], [status, out, '']);
    assert.deepEqual(ran.paths, ['/run/heartbeat/register']);
  });
}

const refused: readonly (readonly [words: string, status: number, err: string])[] = [
  ['nosuch', 11, 'ERROR: nosuch: invalid sub-command.\n'],
  ['-m rscstatus', 11, 'ERROR: -m: invalid sub-command.\n'],
  ['nodestatus', 11, 'Not enough parameters.\n'],
  ['nodestatus nx', 11, 'Error. May be due to incorrect node name\n'],
  ['nodetype', 11, 'No enough parameter.\n'],
  ['nodetype nx', 11, 'Error. May be due to incorrect node name\n'],
  ['nodeweight nx', 11, 'Error. Maybe due to incorrect node name.\n'],
  ['listhblinks nx', 13, 'ERROR: Cannot start heartbeat link interface walk.\nERROR: REASON: EINVAL\n'],
  ['hblinkstatus n2', 11, 'No enough parameter.\n'],
  ['hblinkstatus n2 eth9', 13, 'ERROR: Cannot get heartbeat link status\nERROR: REASON: \n'],
  ['clientstatus n1', 11, 'No enough parameter.\n'],
  ['clientstatus n2 foo 20', 13, "ERROR: Cannot get heartbeat client foo's status\nERROR: REASON: No timely response.\n"],
  ['clientstatus n2 foo abc', 13, "ERROR: Cannot get heartbeat client foo's status\nERROR: REASON: No timely response.\n"],
  ['clientstatus nx foo 9000', 13, "ERROR: Cannot get heartbeat client foo's status\nERROR: REASON: No timely response.\n"],
  ['hbparameter', 11, 'ERROR: parameter name required\n'],
  ['hbparameter keepalive', 11, 'ERROR: parameter name required\n'],
  ['hbparameter -p', 11, "hbparameter: option requires an argument -- 'p'\nERROR: wrong option for hbparameter.\n"],
  ['hbparameter -p node', 1, "ERROR: Cannot get parameter node's value\nERROR: REASON: \n"],
  ['hbparameter -p toString', 1, "ERROR: Cannot get parameter toString's value\nERROR: REASON: \n"],
  ['rscstatus -x', 11, "rscstatus: invalid option -- 'x'\nERROR: wrong option for rscstatus.\n"],
  ['nodestatus -v n1', 11, "nodestatus: invalid option -- 'v'\nERROR: wrong option for nodestatus.\n"],
  ['rscstatus --run-dir', 11, 'ERROR: --run-dir needs a folder\n'],
];

for (const [words, status, err] of refused) {
  test(`cl_status ${words} is refused`, async () => {
    const ran = await run(words);
    assert.deepEqual([ran.status, ran.out, ran.err], [status, '', err]);
  });
}

test('a wrong option of hbstatus is told, and the answer given', async () => {
  const ran = await run('hbstatus -x');
  assert.deepEqual([ran.status, ran.out, ran.err], [0, 'Heartbeat is running on this machine.\n', "hbstatus: invalid option -- 'x'\n"]);
});

test('it signs on as a casual client, asks, and signs off', async () => {
  const own = await fakeRegister(answer);
  await run('nodestatus n2', own.path);
  const common = { t: 'hbapi-req', dest: 'n1', pid: '367', from_id: '367' };
  for (const end = Date.now() + 5000; own.asked.length < 3 && Date.now() < end; ) await new Promise(setImmediate);
  assert.deepEqual(own.asked, [
    { ...common, reqtype: 'signon', uid: '0', gid: '0' },
    { ...common, reqtype: 'nodestatus', node: 'n2' },
    { ...common, reqtype: 'signoff' },
  ]);
  own.close();
});

test('against a stopped daemon: hbstatus says so, everything else cannot sign on, wrong words included', async () => {
  const nowhere = `${daemon.path}-not`;
  const reason = "hb_api_signon: Can't initiate connection to heartbeat";
  for (const [words, more] of [
    ['hbstatus', ''],
    ['hbstatus -m', ''],
    ['hbstatus -v', `(${reason})\n`],
    ['hbstatus -vm', `(${reason})\n`],
  ] as const) {
    const ran = await run(words, nowhere);
    assert.deepEqual([ran.status, ran.out, ran.err], [1, `Heartbeat is stopped on this machine.\n${more}`, '']);
  }
  for (const words of ['rscstatus', 'nodestatus', 'hbparameter -p', 'rscstatus -x']) {
    const ran = await run(words, nowhere);
    assert.deepEqual([ran.status, ran.out], [1, '']);
    assert.equal(ran.err, `ERROR: Cannot signon with heartbeat\nERROR: REASON: ${reason}\n`);
  }
});

test('a socket that is there and may not be used is told apart from none', {
  skip: process.getuid?.() !== 0 && 'needs root to become another',
}, async () => {
  fs.chmodSync(path.dirname(path.dirname(daemon.path)), 0o755);
  fs.chmodSync(daemon.path, 0o600);
  process.seteuid?.(65534);
  try {
    const [status, words] = [await run('hbstatus'), await run('rscstatus')];
    assert.deepEqual([status.status, status.out, words.status], [13, '', 1]);
    for (const { err } of [status, words])
      assert.equal(err, 'ERROR: Cannot signon with heartbeat\nERROR: REASON: no permission to use the client socket of heartbeat\n');
  } finally {
    process.seteuid?.(0);
  }
});

test('a daemon that refuses, says nothing, hangs up or talks nonsense', async () => {
  const refuses = await fakeRegister(() => 'no anon client auth');
  const ran = await run('rscstatus', refuses.path);
  assert.deepEqual([ran.status, ran.err], [1, 'ERROR: Cannot signon with heartbeat\nERROR: REASON: no anon client auth\n']);
  assert.equal((await run('hbstatus', refuses.path)).status, 13);
  refuses.close();

  const silent = await fakeRegister(() => undefined);
  for (const words of ['hbstatus', 'rscstatus']) {
    const late = await run(words, silent.path, undefined, 20);
    assert.deepEqual([late.status, late.out, late.err], [12, '', 'ERROR: no answer from heartbeat within 20 ms\n']);
  }
  silent.close();

  for (const reply of ['', 'nonsense, and more of it', '\x05\0\0\0\xcd\xab\0\0hello'] as const) {
    const file = `${daemon.path}-${reply.length}`;
    const server = net.createServer((socket) => socket.on('error', () => undefined).end(Buffer.from(reply, 'latin1')));
    await new Promise<void>((resolve) => server.listen(file, resolve));
    const broken = await run('rscstatus', file);
    assert.equal(broken.status, 1);
    assert.match(broken.err, /^ERROR: Cannot signon with heartbeat\nERROR: REASON: (heartbeat hung up|what heartbeat says)/);
    server.close();
  }
});

test('--json asks the control socket, for the whole snapshot or the part of a sub-command, with the same exit status', async () => {
  const whole = await run('--json');
  assert.deepEqual(JSON.parse(whole.out), snapshot);
  assert.deepEqual(whole.paths, ['/run/heartbeat/control']);
  const dead = await run('nodestatus n2 --json');
  assert.equal(dead.status, 1);
  assert.deepEqual(JSON.parse(dead.out), snapshot.nodes[1]);
  const wanted: readonly (readonly [string, unknown])[] = [
    ['listnodes -n', ['n1', 'n2']],
    ['listnodes -n -p', ['n1', 'n2', '10.0.0.254']],
    ['hbstatus', { running: true, ...snapshot }],
    ['nodeweight n2', 200],
    ['nodesite N2', 'east'],
    ['nodetype 10.0.0.254', 'ping'],
    ['listhblinks 10.0.0.254', [{ name: '10.0.0.254', status: 'up' }]],
    ['hblinkstatus n2 eth1', { name: 'eth1', status: 'up' }],
    ['rscstatus', 'all'],
    ['hbparameter -p keepalive', '200ms'],
    ['hbparameter -p hbversion', '9.8.7'],
  ];
  for (const [words, json] of wanted) {
    const ran = await run(`--json ${words}`);
    assert.deepEqual([ran.status, JSON.parse(ran.out)], [0, json], words);
  }
  for (const [words, status] of [
    ['nodestatus nx', 11],
    ['nodestatus', 11],
    ['listhblinks nx', 13],
    ['hblinkstatus n2 eth9', 13],
    ['hbparameter -p toString', 1],
    ['hbparameter', 11],
    ['clientstatus n1 ipfail', 11],
  ] as const) {
    const ran = await run(`--json ${words}`);
    assert.equal(ran.status, status, words);
    assert.notEqual(ran.err, '', words);
  }
  assert.deepEqual(JSON.parse((await run('hbstatus --json', undefined, 'notRunning')).out), { running: false });
  for (const failure of ['noPermission', 'timeout', 'broken'] as const) {
    const ran = await run('hbstatus --json', undefined, failure);
    assert.deepEqual([ran.status, ran.out, ran.err], [13, '', `ERROR: Cannot signon with heartbeat\nERROR: REASON: it is ${failure}\n`]);
  }
});

test('--run-dir is taken wherever it stands', async () => {
  for (const words of ['--run-dir /tmp/x rscstatus', 'rscstatus --run-dir=/tmp/x', 'rscstatus --run-dir /tmp/x -m']) {
    assert.deepEqual((await run(words)).paths, ['/tmp/x/heartbeat/register']);
  }
  assert.deepEqual((await run('rscstatus --json --run-dir=/tmp/x')).paths, ['/tmp/x/heartbeat/control']);
});

test('without a word, or with -h, help and exit 0, and nobody is asked', async () => {
  for (const words of ['', '-h']) {
    const ran = await run(words);
    assert.equal(ran.status, 0);
    assert.match(ran.out, /hblinkstatus NODE LINK/);
    assert.deepEqual(ran.paths, []);
  }
});

test('names that are not ASCII travel as their bytes', async () => {
  const echo = await fakeRegister(({ reqtype, pname = '' }) => [reqtype === 'getparm' ? { pvalue: pname } : {}]);
  const ran = await runWords(['hbparameter', '-p', 'größe'], echo.path);
  assert.equal(ran.out, 'größe\n');
  assert.equal(echo.asked[1]?.pname, Buffer.from('größe').toString('latin1'));
  echo.close();
});
