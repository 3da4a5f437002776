/**
 * Measures how long a page is away: `node --import tsx test/live/figures.ts [heartbeatd|heartbeat3] [ROUNDS]`, as root.
 * keepalive 200ms, deadtime 1, address only, a web server always running on both nodes, asked every 2 ms. Prints each
 * round and the medians, in milliseconds.
 */
import { startHeartbeat, stopHeartbeat } from '../hosts/cluster.ts';
import type { HostKind } from '../hosts/host.ts';
import { monotonicMs, sleep } from '../hosts/run.ts';
import type { NodeSpec } from './pair.ts';
import { Pair } from './pair.ts';

const [kind = 'heartbeatd', rounds = '7'] = process.argv.slice(2);
const deadtimeMs = 1000;

function node(name: string, number: number): NodeSpec {
  return {
    name,
    kind: kind as HostKind,
    nics: { eth0: { lan: 'public', address: `10.78.0.${number}/24` }, eth1: { lan: 'heart', address: `10.77.1.${number}/24` } },
    files: {
      hacf: `logfile /var/log/ha-log
keepalive 200ms
warntime 600ms
deadtime 1
initdead 10
bcast eth1
auto_failback on
node n1
node n2
`,
      haresources: 'n1 IPaddr::10.78.0.100/24/eth0\n',
      authkeys: 'auth 1\n1 sha1 a shared secret\n',
    },
  };
}

type Row = Record<string, number>;

async function round(): Promise<Row> {
  const row: Row = {};
  const pair = await Pair.open({
    lans: ['public', 'heart'],
    nodes: [node('n1', 1), node('n2', 2)],
    client: { lan: 'public', address: '10.78.0.9/24' },
    listener: 'heart',
    vip: '10.78.0.100',
    deadtimeMs,
    initdeadMs: 10_000,
    patienceMs: 30_000,
  });
  const { first, second, client, probe } = pair;
  try {
    // tcpdump tells wall time. Only a status counts as a heartbeat; the text of a packet follows its header line.
    const offset = Date.now() - monotonicMs();
    const listen = ['tcpdump', '-Z', 'root', '-l', '-tt', '-n', '-A', '-s', '0', '--immediate-mode', '-i', 'eth1'];
    let packetAt = 0;
    let lastBeat = 0;
    client.program([...listen, 'udp port 694 and src host 10.77.1.1'], (line) => {
      const time = /^(\d+\.\d+) IP /.exec(line)?.[1];
      if (time !== undefined) packetAt = Number(time) * 1000 - offset;
      else if (line.includes('t=status')) lastBeat = packetAt;
    });
    await Promise.all([first.must('nginx'), second.must('nginx')]);
    const silence = async (name: string, act: () => Promise<void>): Promise<void> => {
      await sleep(500);
      const from = monotonicMs();
      await act();
      await sleep(100);
      row[name] = probe.longestSilence(from, monotonicMs()).ms;
    };
    const started = monotonicMs();
    await pair.startBoth();
    row['start of both'] = (probe.answers[0]?.at ?? Number.NaN) - started;
    await silence('hb_standby', () => pair.standby());
    await silence('hb_takeover', () => pair.takeover());
    await sleep(500 + Math.random() * 400);
    const off = await first.powerOff();
    const answer = await probe.until(second.name, 30_000, off);
    row['power-off minus deadtime'] = answer.at - lastBeat - deadtimeMs;
    await pair.settled('', 'all');
    await first.boot();
    await first.must('nginx');
    await silence('failback', () => pair.move('return', first, () => startHeartbeat(first)));
    await pair.settled('local', 'local');
    await silence('graceful stop', () => pair.move('stop', second, () => stopHeartbeat(first)));
    return row;
  } finally {
    await pair.watch.stop();
    probe.stop();
    await pair.lab.close();
  }
}

const rows: Row[] = [];
for (let count = 0; count < Number(rounds); count += 1) {
  const row = await round();
  rows.push(row);
  console.log(
    Object.entries(row)
      .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
      .join(', '),
  );
}
console.log(`medians of ${rows.length} (${kind}):`);
for (const name of Object.keys(rows[0] ?? {})) {
  const values = rows.map((row) => row[name] ?? Number.NaN).sort((one, two) => one - two);
  console.log(`  ${name.padEnd(26)} ${(values[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(1).padStart(9)} ms`);
}
