/**
 * Scripts of the site (rc.d) and programs of ha.cf (respawn), on a pair of heartbeatd and on a pair of Heartbeat 3.0.6 that goes
 * through the same scenes: the same events in the same order, with the same names in the environment.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configFiles, startHeartbeat, stopHeartbeat, untilResources } from '../hosts/cluster.ts';
import type { Host, HostKind } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { sleep, until } from '../hosts/run.ts';
import { obstacle } from './walk.ts';

const TYPES = ['status', 'ask_resources', 'hb_takeover', 'ip-request', 'ip-request-resp', 'ifstat', 'stonith', 'resource'];

/** Writes its environment down, then does what the stock script of that name does. */
const SCRIPT = `#!/bin/sh
n=$(ls /var/log/events | wc -l)
env >/var/log/events/$(printf %03d $n).$1
[ -x /etc/ha.d/stock/$1 ] && exec /etc/ha.d/stock/$1 "$@"
exit 0
`;

/** Writes its calls and its environment down. */
const SERVICE = `#!/bin/sh
for action; do :; done
[ $action = status ] || { echo "$*" >>/var/log/calls; env >/var/log/rs.$1.$action; }
case $action in
start) touch /run/rs.$1 ;;
stop) rm -f /run/rs.$1 ;;
status) if [ -e /run/rs.$1 ]; then echo running; else echo stopped; fi ;;
esac
`;

const CLIENT = `#!/bin/sh
echo "start $1" >>/tmp/client.log
{ id -u; id -g; id -G; cut -d" " -f5 /proc/$$/stat; echo $$; } >/tmp/client.$1
trap 'echo "TERM $1" >>/tmp/client.log; exit 0' TERM
[ $1 != hundred ] || exit 100
while :; do sleep 0.1; done
`;

type Mode = 'on' | 'off' | 'legacy';

interface Pair {
  readonly lab: Lab;
  readonly n1: Host;
  readonly n2: Host;
}

async function open(kind: HostKind, mode: Mode): Promise<Pair> {
  const lab = await Lab.open({ lans: ['heart'], heartbeat3: true, lifeSeconds: 280 });
  try {
    const hosts = await Promise.all(
      ['n1', 'n2'].map((name, at) => lab.host({ name, kind, nics: { eth1: { lan: 'heart', address: `10.9.1.${at + 1}/24` } } })),
    );
    const hacf = [
      ...['debugfile /var/log/ha-debug', 'logfile /var/log/ha-log', 'keepalive 500ms', 'warntime 2', 'deadtime 3', 'initdead 10'],
      ...['bcast eth1', `auto_failback ${mode}`, 'node n1', 'node n2', 'env EXTRA=hello'],
      ...['respawn nobody /opt/client first', 'respawn root /opt/client hundred', 'respawn root /opt/client last', ''],
    ].join('\n');
    const files = configFiles({ hacf, haresources: 'n1 rs::a rs::b\nn2 rs::c\n', authkeys: 'auth 1\n1 sha1 secret\n' });
    for (const host of hosts) {
      await host.must(
        'mkdir -p /etc/ha.d/stock /var/log/events; cp -p /opt/heartbeatd/.cache/heartbeat3/etc/ha.d/rc.d/* /etc/ha.d/stock/; usermod -a -G haclient nobody; touch /tmp/client.log; chmod 666 /tmp/client.log',
      );
      await host.write({
        ...files,
        '/etc/ha.d/resource.d/rs': { text: SERVICE, mode: '755' },
        '/opt/client': { text: CLIENT, mode: '755' },
      });
      for (const type of TYPES) await host.write({ [`/etc/ha.d/rc.d/${type}`]: { text: SCRIPT, mode: '755' } });
    }
    const [n1, n2] = hosts;
    assert.ok(n1 && n2);
    return { lab, n1, n2 };
  } catch (fault) {
    await lab.close();
    throw fault;
  }
}

type Env = Readonly<Record<string, string>>;

function parse(text: string): Env {
  return Object.fromEntries(
    text
      .split('\n')
      .flatMap((line) => [/^(\w+)=(.*)$/.exec(line)?.slice(1) ?? []])
      .filter((pair) => pair.length === 2),
  );
}

/** The events told on a host since the last look, in order: `status dead n2` and the environment. */
async function events(host: Host): Promise<{ readonly name: string; readonly env: Env }[]> {
  const text = await host.must(
    'cd /var/log/events; for file in *; do [ -e "$file" ] || continue; echo "FILE $file"; cat "$file"; done; rm -f ./*',
  );
  return text
    .split(/^FILE \d+\./m)
    .slice(1)
    .map((part) => {
      const env = parse(part);
      return {
        name: [
          part.split('\n', 1)[0],
          env.HA_st ?? env.HA_rsc_hold ?? env.HA_ipaddr ?? env.HA_result ?? '',
          env.HA_src ?? env.HA_node,
        ].join(' '),
        env,
      };
    });
}

/**
 * What the site is told, in order. Links come up in any order. With `legacy`, a node of 3.0.6 that has not seen the other one
 * active asks nobody at a start; ours asks always, and again when it may have been missed.
 */
function namesOf(told: readonly { readonly name: string }[], mode: Mode, scene: string): string[] {
  const without = mode === 'legacy' ? /^(ifstat|ip-request)/ : /^ifstat/;
  // Where both start at once, who comes first hears of both words of the other, and who comes second of the last alone.
  const early = scene.startsWith('start') ? /^status up/ : /^$/;
  return told.map(({ name }) => name).filter((name) => !without.test(name) && !early.test(name));
}

/** What 3.0.6 sets and a script of the site may rest on; ours may add to it. */
function assertHasAll(ours: Env, theirs: Env, what: string): void {
  const lacking = Object.keys(theirs).filter((name) => name.startsWith('HA_') && !(name in ours) && !PARAMETERS.test(name));
  assert.deepEqual(lacking, [], what);
}
/** Directives of ha.cf and their defaults have a test of their own. */
const PARAMETERS = /^HA_[a-z_]*[a-z]$/;
const FIELDS = [
  't',
  'st',
  'src',
  'seq',
  'hg',
  'ts',
  'ld',
  'ttl',
  'auth',
  'dest',
  'ipaddr',
  'weown',
  'ok',
  'info',
  'rsc_hold',
  'dt',
  'node',
  'result',
  'ifname',
];
const fieldsOf = (env: Env): string[] => FIELDS.filter((name) => `HA_${name}` in env);

interface Walked {
  readonly scenes: Readonly<Record<string, { readonly name: string; readonly env: Env }[]>>;
  readonly service: Env;
  readonly calls: Readonly<Record<string, readonly string[]>>;
}

async function calls(host: Host): Promise<string[]> {
  const text = await host.must('touch /var/log/calls; cat /var/log/calls; : >/var/log/calls');
  return text.split('\n').filter((line) => line.endsWith('start'));
}

/** Start of both, standby, takeover, stop of n2 and its return, power-off of n1. */
async function walkThrough(pair: Pair, mode: Mode): Promise<Walked> {
  const { n1, n2 } = pair;
  const scenes: Record<string, { readonly name: string; readonly env: Env }[]> = {};
  const started: Record<string, string[]> = {};
  const scene = async (name: string) => {
    // Events of 3.0.6 come one after the other, some after the move itself.
    await sleep(1500);
    for (const host of [n1, n2]) {
      if (host.pid === 0) continue;
      scenes[`${name} ${host.name}`] = await events(host);
      started[`${name} ${host.name}`] = await calls(host);
    }
  };
  const running = (host: Host, ...words: string[]) =>
    until(
      `${host.name} runs ${words.join()}`,
      30_000,
      async () => {
        const found = (await host.must('cd /run; echo rs.*')).trim();
        return found === words.map((word) => `rs.${word}`).join(' ') || (words.length === 0 && found === 'rs.*') ? true : undefined;
      },
      100,
    );
  await Promise.all([startHeartbeat(n1), startHeartbeat(n2)]);
  await running(n1, 'a', 'b');
  await running(n2, 'c');
  if (mode !== 'legacy') for (const host of [n1, n2]) await untilResources(host, 'local', 20_000);
  await scene('start');
  const service = parse(await n1.read('/var/log/rs.a.start'));
  if (mode !== 'legacy') {
    await n1.must('hb_standby');
    await running(n2, 'a', 'b', 'c');
    await untilResources(n2, 'all', 10_000);
    await scene('standby');
    await sleep(1000);
    await n1.must('hb_takeover');
    await running(n1, 'a', 'b', 'c');
    await untilResources(n1, 'all', 10_000);
    await scene('takeover');
  }
  await stopHeartbeat(n2);
  await running(n1, 'a', 'b', 'c');
  await sleep(4500);
  await scene('stop');
  await startHeartbeat(n2);
  await running(n2, ...(mode === 'off' ? [] : ['c']));
  await sleep(mode === 'off' ? 14_000 : 1000);
  await scene('return');
  await n1.powerOff();
  await running(n2, 'a', 'b', 'c');
  await sleep(500);
  await scene('death');
  return { scenes, service, calls: started };
}

const why = obstacle('heartbeat3') ?? false;

for (const mode of ['on', 'off', 'legacy'] as const) {
  describe(`auto_failback ${mode}`, { skip: why }, () => {
    it('the site hears of the same things as from 3.0.6, and nothing is done twice', { timeout: 280_000 }, async (t) => {
      const walked: Partial<Record<HostKind, Walked>> = {};
      for (const kind of ['heartbeatd', 'heartbeat3'] as const) {
        const pair = await open(kind, mode);
        try {
          walked[kind] = await walkThrough(pair, mode);
          if (kind === 'heartbeatd') await programs(pair.n2);
        } catch (fault) {
          for (const host of [pair.n1, pair.n2])
            if (host.pid !== 0) t.diagnostic(`${host.name}\n${(await host.exec('tail -n 80 /var/log/ha-log; ls /var/log/events')).stdout}`);
          throw fault;
        } finally {
          await pair.lab.close();
        }
      }
      const { heartbeatd: ours, heartbeat3: theirs } = walked;
      assert.ok(ours && theirs);
      for (const [scene, told] of Object.entries(theirs.scenes)) {
        const here: Walked['scenes'][string] = ours.scenes[scene] ?? [];
        assert.deepEqual(namesOf(here, mode, scene), namesOf(told, mode, scene), `events at the ${scene}`);
        for (const { name, env } of told) {
          const same = here.find((event) => event.name === name);
          if (same === undefined) {
            assert.ok(scene.startsWith('start') || name.startsWith('ifstat'), `${name} at the ${scene}`);
            continue;
          }
          assertHasAll(same.env, env, `${name} at the ${scene}`);
          // hbd_ fields are ours, dt stands in every status.
          assert.deepEqual(fieldsOf(same.env), fieldsOf(env), `${name} at the ${scene}`);
        }
      }
      assertHasAll(ours.service, theirs.service, 'a resource script');
      assert.deepEqual(fieldsOf(ours.service), fieldsOf(theirs.service));
      for (const [scene, started] of Object.entries(ours.calls)) {
        assert.equal(new Set(started).size, started.length, `a service was started twice at the ${scene}: ${started.join(', ')}`);
      }
    });
  });
}

/** On a node that runs: who they are, that they come back, and their end. */
async function programs(host: Host): Promise<void> {
  const [uid, gid, groups = '', group, pid = ''] = (await host.read('/tmp/client.first')).split('\n');
  assert.deepEqual([uid, group], ['65534', pid]);
  assert.deepEqual(groups.split(' ').sort(), [gid, '899'].sort());
  assert.equal((await host.must(`ps -o cls= -p ${pid}`)).trim(), 'TS');
  await host.must(`: >/tmp/client.log; kill -9 ${pid}`);
  await until('it is back', 5000, async () => ((await host.read('/tmp/client.log')) === 'start first\n' ? true : undefined), 50);
  await stopHeartbeat(host);
  assert.equal(await host.read('/tmp/client.log'), 'start first\nTERM last\nTERM first\n');
  const log = await host.read('/var/log/ha-log');
  for (const line of [
    /info: Starting child client "\/opt\/client first" \(65534,65534\)$/m,
    /info: Starting "\/opt\/client first" as uid 65534 {2}gid 65534 \(pid \d+\)$/m,
    /WARN: Managed \/opt\/client hundred process \d+ exited with return code 100\.$/m,
    new RegExp(`WARN: Managed /opt/client first process ${pid} killed by signal 9 \\[SIGKILL - Kill, unblockable\\]\\.$`, 'm'),
    /ERROR: Respawning client "\/opt\/client first":$/m,
    /info: killing \/opt\/client last process group \d+ with signal 15$/m,
    /info: client \[\/opt\/client hundred\] is not running\.$/m,
  ])
    assert.match(log, line);
  assert.doesNotMatch(log, /Respawning client "\/opt\/client hundred"/);
}
