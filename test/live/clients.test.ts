/**
 * Programs and daemons of both makes, crosswise: the original's cl_status, api_test, ipfail and shell tools with our daemon, and our
 * commands with the original's, in one cluster of the two.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configFiles, resources, startHeartbeat, stopHeartbeat, untilResources } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { type Ended, sleep, until } from '../hosts/run.ts';
import { bringOriginals, original, originalScript, outcome } from './original-tools.ts';
import { obstacle } from './walk.ts';

const OURS = '/opt/heartbeatd/bin';

const files = configFiles({
  hacf: `logfile /var/log/ha-log
keepalive 500ms
warntime 1500ms
deadtime 3
initdead 6
udpport 694
bcast eth1 eth0
auto_failback on
apiauth ipfail uid=hacluster
apiauth ping uid=root
node n1
node n2
`,
  haresources: 'n1 IPaddr::10.78.0.100/24/eth0:0\n',
  authkeys: 'auth 1\n1 sha1 a shared secret\n',
});

/** What is asked of both programs on both hosts; all answers must be equal. */
const QUESTIONS: readonly string[] = [
  ...['hbstatus', 'hbstatus -v', 'hbstatus -vm', 'hbstatus x', 'hbstatus -x'],
  ...['listnodes', 'listnodes -n', 'listnodes -p', 'listnodes -np', 'listnodes -m', 'listnodes -v', 'listnodes -mv', 'listnodes -x'],
  ...['nodestatus n1', 'nodestatus N2', 'nodestatus n2 -m', 'nodestatus nx', 'nodestatus', 'nodestatus ""', 'nodestatus -v n1'],
  ...['nodetype n1', 'nodetype -m n2', 'nodetype nx', 'nodetype'],
  ...['nodeweight n1', 'nodeweight -m n1', 'nodeweight nx', 'nodesite n1', 'nodesite -m n2', 'nodesite nx', 'nodesite'],
  ...['listhblinks n1', 'listhblinks n2', 'listhblinks -v n1', 'listhblinks -mv n2', 'listhblinks nx', 'listhblinks'],
  ...['hblinkstatus n1 eth1', 'hblinkstatus -m n2 eth0', 'hblinkstatus n2 eth9', 'hblinkstatus nx eth1', 'hblinkstatus n2'],
  ...[
    'clientstatus n1 ipfail 4000',
    'clientstatus n2 ipfail 4000',
    'clientstatus n1 foo 4000',
    'clientstatus -m n2 foo 4000',
    'clientstatus n1',
  ],
  ...['rscstatus', 'rscstatus -m', 'rscstatus x', 'rscstatus -x'],
  ...['deadtime', 'keepalive', 'warntime', 'initdead', 'udpport', 'auto_failback', 'logfile', 'hbversion', 'node', 'bcast', 'nosuch'].map(
    (name) => `hbparameter -p ${name}`,
  ),
  ...['hbparameter -mp deadtime', 'hbparameter', 'hbparameter -p', 'nosuch', '-m rscstatus'],
];

const NO_ANSWER: Ended = { status: -1, stdout: '', stderr: '' };

/** Several at a time: the original answers twice a second. */
const AT_A_TIME = 6;

async function askAll(host: Host, program: string): Promise<Map<string, Ended>> {
  const answers = new Map<string, Ended>();
  const waiting = [...QUESTIONS];
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (let words = waiting.shift(); words !== undefined; words = waiting.shift())
        answers.set(words, await host.exec(`${program} ${words}`));
    }),
  );
  return answers;
}

describe('clients of both makes', { skip: obstacle('heartbeat3') ?? false }, () => {
  let lab: Lab;
  /** n1 runs our daemon, n2 the original's. */
  let n1: Host;
  let n2: Host;

  before(async () => {
    lab = await Lab.open({ lans: ['public', 'heart'], heartbeat3: true, lifeSeconds: 280 });
    const make = (name: string, number: number, kind: 'heartbeatd' | 'heartbeat3'): Promise<Host> =>
      lab.host({
        name,
        kind,
        nics: { eth0: { lan: 'public', address: `10.78.0.${number}/24` }, eth1: { lan: 'heart', address: `10.77.1.${number}/24` } },
      });
    [n1, n2] = await Promise.all([make('n1', 1, 'heartbeatd'), make('n2', 2, 'heartbeat3')]);
    for (const host of [n1, n2]) {
      await host.write(files);
      await bringOriginals(host);
    }
  });
  after(() => lab?.close());

  const both = [
    ['the original', (host: Host) => original(host, 'cl_status')],
    ['ours', () => `${OURS}/cl_status`],
  ] as const;

  it('cl_status before anything runs: both say the same on both hosts', async () => {
    for (const words of ['hbstatus', 'hbstatus -v', 'rscstatus', 'nodestatus', 'nosuch', '-m rscstatus', 'hbparameter -p']) {
      const answers = await Promise.all([n1, n2].flatMap((host) => both.map(([, program]) => host.exec(`${program(host)} ${words}`))));
      for (const answer of answers) assert.deepEqual(outcome(answer), outcome(answers[0] as Ended), words);
    }
    const silent = await n1.exec(`${OURS}/cl_status rscstatus`);
    assert.match(
      silent.stderr,
      /ERROR: Cannot signon with heartbeat\n.*ERROR: REASON: hb_api_signon: Can't initiate connection to heartbeat\n/,
    );
  });

  it('the daemon is there for its clients from the start, and makes the FIFO', async () => {
    await startHeartbeat(n1);
    assert.equal((await n1.must(`${original(n1, 'cl_status')} hbstatus`)).trim(), 'Heartbeat is running on this machine.');
    assert.match(await n1.must('stat -c "%a %F" /run/heartbeat/register /var/lib/heartbeat/fifo'), /^777 socket\n600 fifo\n$/);
    await n1.waitForLine(/info: Creating FIFO \/var\/lib\/heartbeat\/fifo\.$/, 2000);
    await startHeartbeat(n2);
    await untilResources(n1, 'local', 30_000);
    await untilResources(n2, 'local', 30_000);
  });

  it('ipfail of the original runs beside our daemon', async () => {
    const asHacluster = 'setpriv --reuid 899 --regid 899 --clear-groups';
    for (const host of [n1, n2])
      await host.must(
        `(${asHacluster} ${original(host, 'ipfail')} </dev/null >/var/log/ipfail 2>&1; echo "exit $?" >>/var/log/ipfail) >/dev/null 2>&1 &`,
      );
    await until('n1 knows its ipfail', 10_000, async () =>
      (await n1.exec(`${OURS}/cl_status clientstatus n1 ipfail`)).stdout === 'online\n' ? true : undefined,
    );
    await until('n2 knows its ipfail', 10_000, async () =>
      (await n2.exec(`${original(n2, 'cl_status')} clientstatus n2 ipfail 4000`)).stdout === 'online\n' ? true : undefined,
    );
    // Both see as many ping nodes, none: with auto_failback they then ask to be rid of what is not theirs, once.
    await sleep(5000);
    await untilResources(n1, 'local', 15_000);
    await untilResources(n2, 'local', 15_000);
    assert.doesNotMatch(await n1.read('/var/log/ipfail'), /^exit/m);
    assert.match(await n1.must('ps ax -o args'), /\/ipfail$/m);
  });

  it('every sub-command of cl_status: two programs, two daemons, four equal answers', async (t) => {
    const all = await Promise.all(
      [n1, n2].flatMap((host) =>
        both.map(async ([whose, program]) => [`${whose} on ${host.name}`, await askAll(host, program(host))] as const),
      ),
    );
    const reference = all.find(([name]) => name === 'the original on n2')?.[1];
    const differences: string[] = [];
    for (const words of QUESTIONS) {
      const of = (answers: Map<string, Ended> | undefined): string => JSON.stringify(outcome(answers?.get(words) ?? NO_ANSWER));
      for (const [name, answers] of all)
        if (of(answers) !== of(reference)) differences.push(`${words}: ${name}: ${of(answers)} instead of ${of(reference)}`);
    }
    t.diagnostic(`${QUESTIONS.length} questions`);
    assert.deepEqual(differences, []);
  });

  it('api_test of the original walks through our daemon as through its own', async (t) => {
    const lines = async (host: Host): Promise<string[]> => {
      const text = await host.must(`timeout 14 ${original(host, 'api_test')} 2>&1; true`);
      t.diagnostic(`${host.name}:\n${text}`);
      return text
        .split('\n')
        .map((line) => line.replace(/^.*?api_test: \[\d+\]: /, ''))
        .filter((line) => line !== '' && !line.includes('PID='));
    };
    const [ours, theirs] = await Promise.all([lines(n1), lines(n2)]);
    const parameters = (all: readonly string[]): readonly string[] =>
      all.slice(0, all.indexOf('info: Starting node walk')).map((line) => line.replace(/3\.0\.6 \(.*\)/, '3.0.6'));
    assert.ok(ours.includes('info: Starting node walk'));
    assert.deepEqual(parameters(ours), parameters(theirs));
    // Its own daemon answers so slowly that it loses its way in what follows.
    for (const node of ['n1', 'n2'])
      for (const line of [
        `Cluster node: ${node}: status: active`,
        `\tnode ${node}: intf: eth0 ifstatus: up`,
        `\tnode ${node}: intf: eth1 ifstatus: up`,
      ])
        assert.ok(ours.includes(`info: ${line}`), line);
    assert.ok(ours.some((line) => line.includes('Waiting for messages')));
  });

  it('shell tools of the original write to our FIFO, ours to the FIFO of the original', async () => {
    await n1.must(`${originalScript('hb_standby')} all`, { limitMs: 5000 });
    await untilResources(n1, 'none', 20_000);
    await untilResources(n2, 'all', 20_000);
    await n1.must(originalScript('hb_takeover'), { limitMs: 5000 });
    await untilResources(n1, 'all', 20_000);
    await untilResources(n2, 'none', 20_000);
    await n2.must(`${OURS}/hb_takeover all`);
    await untilResources(n2, 'all', 20_000);
    await untilResources(n1, 'none', 20_000);
    assert.equal(await n2.must(`${OURS}/hb_standby`), 'Going standby [all].\n');
    await untilResources(n1, 'all', 20_000);
    assert.equal(await resources(n2), 'none');
  });

  it('without a daemon our tools never wait at the FIFO', async () => {
    await stopHeartbeat(n2);
    assert.match(await n2.must('stat -c %F /var/lib/heartbeat/fifo'), /^fifo/);
    for (const program of ['hb_standby', 'hb_takeover']) {
      const ended = await n2.exec(`${OURS}/${program}`, { limitMs: 5000 });
      assert.deepEqual([ended.status, ended.stderr], [1, `${program}: Heartbeat is not currently running.\n`]);
    }
    await stopHeartbeat(n1);
    assert.notEqual((await n1.exec('test -e /run/heartbeat/register')).status, 0, 'the socket goes with the daemon');
  });
});
