// The two stages of the demo. Each has hosts, boot, powerOff, tool (run a command on a host), whereText, end.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
const DEADTIME_MS = 2000;
const KEEPALIVE = '200ms';

function makeHost(folder, name, media, haresources, udpport) {
  const host = {
    name,
    config: join(folder, name, 'ha.d'),
    state: join(folder, name, 'lib'),
    run: join(folder, name, 'run'),
    log: join(folder, name, 'ha-log'),
    output: join(folder, name, 'output'),
    process: undefined,
  };
  for (const path of [join(host.config, 'resource.d'), host.state, host.run]) mkdirSync(path, { recursive: true });
  const hacf = [
    `logfile ${host.log}`,
    `debugfile ${join(folder, name, 'ha-debug')}`,
    `keepalive ${KEEPALIVE}`,
    'warntime 800ms',
    `deadtime ${DEADTIME_MS}ms`,
    'initdead 10',
    'realtime off',
    `udpport ${udpport}`,
    ...media,
    'auto_failback on',
    'node alpha',
    'node beta',
  ];
  writeFileSync(join(host.config, 'ha.cf'), `${hacf.join('\n')}\n`);
  writeFileSync(join(host.config, 'haresources'), `${haresources}\n`);
  writeFileSync(join(host.config, 'authkeys'), 'auth 1\n1 sha1 only-for-this-demo\n', { mode: 0o600 });
  copyFileSync(join(ROOT, 'etc/ha.d/shellfuncs'), join(host.config, 'shellfuncs'));
  symlinkSync(join(ROOT, 'etc/ha.d/resource.d/IPaddr'), join(host.config, 'resource.d/IPaddr'));
  symlinkSync(join(ROOT, 'scripts/lib/demo/resource.d/page'), join(host.config, 'resource.d/page'));
  return host;
}

/** A host that boots finds its run folder empty, whatever it held when the power went. */
function emptyRun(host) {
  rmSync(host.run, { recursive: true, force: true });
  mkdirSync(host.run);
}

const places = (host) => ['--config-dir', host.config, '--state-dir', host.state, '--run-dir', host.run];
const daemon = (host) => [join(ROOT, 'bin/heartbeat'), '-f', ...places(host), '--node', host.name];

/** Runs a command on a host; `enter` are the words before it that lead there. */
function runTool(enter, host, name, args) {
  const [program, ...words] = [...enter, join(ROOT, 'bin', name), ...args, '--run-dir', host.run];
  return execFileSync(program, words, { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Two hosts with real addresses. We are the switch and the client, in a network namespace of our own. */
export function namespaceStage(folder) {
  const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'lan', 'type', 'bridge');
  ip('link', 'set', 'lan', 'up');
  ip('address', 'add', '10.77.0.200/24', 'dev', 'lan');

  const haresources = 'alpha 10.77.0.100/24/eth0:0 page::8080';
  const hosts = [1, 2].map((n) => {
    const host = makeHost(folder, n === 1 ? 'alpha' : 'beta', ['bcast eth0'], haresources, 694);
    return { ...host, address: `10.77.0.${n}`, boots: 0 };
  });

  return {
    hosts,
    haresources,
    keepalive: KEEPALIVE,
    deadtimeMs: DEADTIME_MS,
    url: 'http://10.77.0.100:8080/',
    description: [
      'alpha 10.77.0.1 and beta 10.77.0.2: two hosts with their own processes and network, on one switch',
      'client 10.77.0.200: asks for the page every 10 ms',
    ],
    boot(host) {
      emptyRun(host);
      host.boots += 1;
      const port = `${host.name}${host.boots}`;
      // The inner shell is the first process of the host: it collects what others leave behind, and all dies with it.
      const inner = `ip link set lo up; ip link set eth0 up; ip address add ${host.address}/24 brd + dev eth0
        mount -t tmpfs none /run; "$@" & wait; while :; do sleep 1; done`;
      const outer = `ip link add eth0 type veth peer name ${port} netns 1 && echo plugged
        exec unshare -mpf --mount-proc --kill-child sh -c "$0" host "$@"`;
      const out = openSync(host.output, 'a');
      const command = ['-n', 'sh', '-c', outer, inner, ...daemon(host)];
      host.process = spawn('unshare', command, { stdio: ['ignore', 'pipe', out] });
      host.process.stdout.once('data', () => {
        ip('link', 'set', port, 'master', 'lan');
        ip('link', 'set', port, 'up');
      });
      host.process.stdout.resume();
    },
    powerOff(host) {
      // Ends the first process of the host at once, and with it every other one and the network interface.
      host.process?.kill('SIGKILL');
    },
    // Among the processes of the host: the daemon answers whom it can see.
    tool: (host, ...command) => runTool(['nsenter', `--pid=/proc/${host.process?.pid}/ns/pid_for_children`], host, ...command),
    whereText(host) {
      const neighbour = /lladdr (\S+)/.exec(ip('neigh', 'show', '10.77.0.100'))?.[1] ?? 'unknown';
      return `10.77.0.100 is at ${neighbour}, the interface of ${host.name}`;
    },
    end() {
      // The hosts end with the first process of this namespace, which is us.
      for (const host of hosts) host.process?.kill('SIGKILL');
    },
  };
}

/** A UDP and TCP port number that is very likely free, above 20000. */
function somePort() {
  return 20_000 + (process.pid % 20_000);
}

/** Two daemons on loopback, without any rights. The "address" is a listener on 127.0.0.77. */
export function fallbackStage(folder) {
  const port = somePort();
  const haresources = `alpha page::127.0.0.77::${port}`;
  const hosts = ['alpha', 'beta'].map((name) => makeHost(folder, name, ['bcast lo'], haresources, port));
  // Said early, and not as a cluster that never serves.
  createServer()
    .on('error', (error) => {
      console.error(`127.0.0.77:${port} cannot be used: ${error.message}`);
      process.exit(1);
    })
    .listen(port, '127.0.0.77', function listening() {
      this.close();
    });

  const killServer = (host) => {
    try {
      process.kill(Number(readFileSync(join(host.config, 'page.pid'), 'utf8')), 'SIGKILL');
    } catch {
      // None there.
    }
  };
  const kill = (host) => {
    try {
      // Its guardian with it: a process group of their own.
      if (host.process?.pid !== undefined) process.kill(-host.process.pid, 'SIGKILL');
    } catch {
      // They have ended.
    }
    killServer(host);
  };

  return {
    hosts,
    haresources,
    keepalive: KEEPALIVE,
    deadtimeMs: DEADTIME_MS,
    url: `http://127.0.0.77:${port}/`,
    description: [
      'alpha and beta are two daemons on this host that hear each other by broadcast on lo.',
      `The "address" is no address here: it is a listener on 127.0.0.77:${port} that only the holder has.`,
      'A node loses its power: its daemon and its page are killed with SIGKILL.',
    ],
    boot(host) {
      emptyRun(host);
      const out = openSync(host.output, 'a');
      const [program, ...args] = daemon(host);
      host.process = spawn(program, args, { stdio: ['ignore', out, out], detached: true });
    },
    powerOff: kill,
    tool: (host, ...command) => runTool([], host, ...command),
    whereText: (host) => `127.0.0.77:${port} is held by the page process of ${host.name}`,
    end() {
      for (const host of hosts) kill(host);
    },
  };
}
