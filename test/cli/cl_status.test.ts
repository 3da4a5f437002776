import assert from 'node:assert/strict';
import test from 'node:test';
import { clStatus } from '../../src/cli/cl_status.ts';
import type { CommandResult } from '../../src/contracts/engine.ts';
import type { NodeStatus, StatusSnapshot } from '../../src/contracts/status.ts';
import { ControlError, type ControlFailure } from '../../src/control/client.ts';

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
};

interface Ran {
  status: number;
  out: string;
  err: string;
  path: string;
}

async function run(words: string, result: CommandResult | ControlFailure = { ok: true, status: snapshot }): Promise<Ran> {
  const ran: Ran = { status: -1, out: '', err: '', path: '' };
  ran.status = await clStatus(words.split(' ').filter(Boolean), {
    out: (line) => (ran.out += `${line}\n`),
    err: (line) => (ran.err += `${line}\n`),
    ask: async (path) => {
      ran.path = path;
      if (typeof result === 'string') throw new ControlError(result, `it is ${result}`);
      return result;
    },
  });
  return ran;
}

const VERBOSE =
  'version:\t9.8.7\nmanaged by:\t"haresources"\n\nn1\tactive\t(nodetype: normal)\n\teth0\tup\n\n' +
  'n2\tdead\t(nodetype: normal)\n\teth0\tdead\n\teth1\tup\n\n10.0.0.254\tping\t(nodetype: ping)\n\t10.0.0.254\tup\n';

const table: readonly (readonly [words: string, status: number, out: string])[] = [
  ['hbstatus', 0, 'Heartbeat is running on this machine.\n'],
  ['hbstatus -v', 0, VERBOSE],
  ['listnodes', 0, 'n1\nn2\n10.0.0.254\n'],
  ['listnodes -n', 0, 'n1\nn2\n'],
  ['listnodes -p', 0, '10.0.0.254\n'],
  ['nodestatus n1', 0, 'active\n'],
  ['nodestatus n2', 1, 'dead\n'],
  ['nodestatus 10.0.0.254', 0, 'ping\n'],
  ['nodestatus N1', 0, 'active\n'],
  ['nodestatus n2 -m', 1, 'The cluster node n2 is dead\n'],
  ['nodestatus -m n2', 1, 'The cluster node n2 is dead\n'],
  ['nodetype n1', 0, 'normal\n'],
  ['nodetype 10.0.0.254', 0, 'ping\n'],
  ['nodeweight n1', 0, '100\n'],
  ['nodesite n1', 0, '\n'],
  ['listhblinks n2', 0, '\teth0\n\teth1\n'],
  ['listhblinks 10.0.0.254', 0, '\t10.0.0.254\n'],
  ['hblinkstatus n2 eth1', 0, 'up\n'],
  ['hblinkstatus n2 eth0', 1, 'dead\n'],
  ['rscstatus', 0, 'all\n'],
  ['rscstatus -m', 0, 'This node is holding all resources.\n'],
  ['hbparameter -p keepalive', 0, '200ms\n'],
  ['hbparameter -p hbversion', 0, '9.8.7\n'],
];

for (const [words, status, out] of table) {
  test(`cl_status ${words}`, async () => {
    const ran = await run(words);
    assert.deepEqual([ran.status, ran.out, ran.err], [status, out, '']);
    assert.equal(ran.path, '/run/heartbeat/control');
  });
}

const refused: readonly (readonly [words: string, status: number, err: RegExp])[] = [
  ['nosuch', 11, /^ERROR: nosuch: invalid sub-command\.\n$/],
  ['-m rscstatus', 11, /^ERROR: -m: invalid sub-command\.\n$/],
  ['nodestatus', 11, /^Not enough parameters\.\n$/],
  ['nodestatus nx', 11, /^Error\. May be due to incorrect node name\n$/],
  ['nodetype nx', 11, /incorrect node name/],
  ['listhblinks nx', 13, /incorrect node name/],
  ['hblinkstatus n2', 11, /^No enough parameter\.\n$/],
  ['hblinkstatus n2 eth9', 13, /no link of that name/],
  ['hbparameter', 11, /-p NAME/],
  ['hbparameter -p', 11, /^ERROR: /],
  ['hbparameter -p node', 1, /no parameter/],
  ['hbparameter -p toString', 1, /no parameter/],
  ['rscstatus -x', 11, /^ERROR: unknown option/],
  ['rscstatus --run-dir', 11, /--run-dir needs a folder/],
];

for (const [words, status, err] of refused) {
  test(`cl_status ${words} is refused`, async () => {
    const ran = await run(words);
    assert.deepEqual([ran.status, ran.out], [status, '']);
    assert.match(ran.err, err);
  });
}

test('against a stopped daemon: hbstatus says so, everything else cannot sign on', async () => {
  assert.deepEqual(await run('hbstatus', 'notRunning'), {
    status: 1,
    out: 'Heartbeat is stopped on this machine.\n',
    err: '',
    path: '/run/heartbeat/control',
  });
  const ran = await run('rscstatus', 'notRunning');
  assert.equal(ran.status, 1);
  assert.equal(ran.err, "ERROR: Cannot signon with heartbeat\nERROR: REASON: hb_api_signon: Can't initiate connection to heartbeat\n");
});

test('a daemon that may not be asked, or does not answer, is not called stopped', async () => {
  for (const failure of ['noPermission', 'timeout', 'broken'] as const) {
    const ran = await run('hbstatus', failure);
    assert.deepEqual([ran.status, ran.out], [13, '']);
    assert.equal((await run('rscstatus', failure)).status, 1);
    assert.equal(ran.err, `ERROR: Cannot signon with heartbeat\nERROR: REASON: it is ${failure}\n`);
  }
});

test('--json prints the whole snapshot, or the part of a sub-command, with the same exit status', async () => {
  assert.deepEqual(JSON.parse((await run('--json')).out), snapshot);
  const dead = await run('nodestatus n2 --json');
  assert.equal(dead.status, 1);
  assert.deepEqual(JSON.parse(dead.out), snapshot.nodes[1]);
  assert.deepEqual(JSON.parse((await run('--json listnodes -n')).out), ['n1', 'n2']);
  assert.deepEqual(JSON.parse((await run('hbstatus --json', 'notRunning')).out), { running: false });
});

test('--run-dir is taken wherever it stands', async () => {
  for (const words of ['--run-dir /tmp/x rscstatus', 'rscstatus --run-dir=/tmp/x', 'rscstatus --run-dir /tmp/x -m']) {
    assert.equal((await run(words)).path, '/tmp/x/heartbeat/control');
  }
});

test('without a word, or with -h, help and exit 0, and nobody is asked', async () => {
  for (const words of ['', '-h']) {
    const ran = await run(words, 'notRunning');
    assert.equal(ran.status, 0);
    assert.match(ran.out, /hblinkstatus NODE LINK/);
    assert.equal(ran.path, '');
  }
});
