/** One test host: boots, runs commands, loses power, boots again with the same files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { forbidden, type Lab } from './lab.ts';
import { type Ended, monotonicMs, onLines, run, until } from './run.ts';
import { checkout, nodePrefix } from './support.ts';

/** 'heartbeatd': this project's programs; 'heartbeat3': the real Heartbeat 3.0.6; 'plain': neither. */
export type HostKind = 'heartbeatd' | 'heartbeat3' | 'plain';

export interface Nic {
  readonly lan: string;
  /** With prefix length, `10.0.0.1/24`; several are allowed. */
  readonly address?: string | readonly string[];
}

export interface HostSpec {
  readonly name: string;
  readonly kind: HostKind;
  /** Interface name (eth0 ...) to its cable. */
  readonly nics: Readonly<Record<string, Nic>>;
  readonly gateway?: string;
}

export interface FileSpec {
  readonly text: string;
  /** Octal, as chmod reads it; default 644. */
  readonly mode?: string;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/libexec/heartbeat:/usr/lib/heartbeat:/usr/share/heartbeat';

export class Host {
  /** The first process as the machine knows it; 0 while the power is off. */
  pid = 0;
  #child: ChildProcess | undefined;
  #fresh = true;

  constructor(
    readonly lab: Lab,
    readonly spec: HostSpec,
    readonly number: number,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  /** The switch's end of a cable. */
  port(nic: string): string {
    return `p${this.number}-${nic}`;
  }

  #mac(nic: string, side: 'host' | 'port'): string {
    const lan = this.lab.spec.lans.indexOf(this.spec.nics[nic]?.lan ?? '');
    const index = Object.keys(this.spec.nics).indexOf(nic);
    const byte = (value: number): string => value.toString(16).padStart(2, '0');
    return `02:00:00:${byte(lan)}:${byte(this.number)}:${byte(index + (side === 'host' ? 0x10 : 0x20))}`;
  }

  async boot(): Promise<void> {
    const { lab, spec } = this;
    const trees = spec.kind === 'heartbeat3' ? 'tools heartbeat3' : 'tools';
    const started = await lab.startHost({
      HOST_NAME: spec.name,
      HOST_DIR: `${lab.dir}/${spec.name}`,
      TREES: trees,
      CHECKOUT: checkout,
      BIND: nodePrefix(),
      OVERLAY_OPTIONS: lab.way === 'user' ? ',userxattr' : '',
      CAPS: forbidden,
    });
    this.pid = started.pid;
    this.#child = started.child;
    const nics = Object.entries(spec.nics);
    await lab.ip(
      nics.flatMap(([nic, { lan }]) => [
        `link add ${this.port(nic)} address ${this.#mac(nic, 'port')} type veth peer name ${nic} address ${this.#mac(nic, 'host')} netns ${this.pid}`,
        `link set ${this.port(nic)} master ${lan} up`,
      ]),
    );
    const lines = nics.flatMap(([nic, { address }]) => [
      ...(address === undefined ? [] : [address].flat()).map((each) => `addr add ${each} brd + dev ${nic}`),
      `link set ${nic} up`,
    ]);
    if (spec.gateway) lines.push(`route add default via ${spec.gateway}`);
    const ended = await run([...lab.enter(this.pid, ['-n']), 'ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
    if (ended.status !== 0) throw new Error(`${spec.name}: ip failed: ${ended.stderr}\n${lines.join('\n')}`);
    if (this.#fresh && spec.kind === 'heartbeatd') await this.#installPrograms();
    this.#fresh = false;
  }

  /** Our programs at the places people know, as links into the checkout at /opt/heartbeatd. */
  async #installPrograms(): Promise<void> {
    await this.must(`
      for program in /opt/heartbeatd/bin/*; do [ -e "$program" ] && ln -sf "$program" /usr/sbin/; done
      ln -sf /opt/heartbeatd/etc/tools/* /usr/share/heartbeat/
      ln -sf /opt/heartbeatd/etc/ha.d/harc /etc/ha.d/
      for script in /opt/heartbeatd/etc/ha.d/resource.d/*; do [ -e "$script" ] && ln -sf "$script" /etc/ha.d/resource.d/; done
      if [ -e /opt/heartbeatd/etc/ha.d/shellfuncs ]; then ln -sf /opt/heartbeatd/etc/ha.d/shellfuncs /etc/ha.d/; fi
      true`);
  }

  #inside(argv: readonly string[]): string[] {
    return [
      ...this.lab.enter(this.pid, ['-m', '-u', '-i', '-n', '-p']),
      ...['setpriv', `--bounding-set=${forbidden}`, `--inh-caps=${forbidden}`],
      ...['env', '-i', `PATH=${path}`, 'HOME=/root', 'LANG=C', 'TERM=dumb', ...argv],
    ];
  }

  /** Runs shell text (or an argument list) on the host; killed with its process group after `limitMs` (default 20 s). */
  exec(command: string | readonly string[], options: { input?: string; limitMs?: number } = {}): Promise<Ended> {
    if (this.pid === 0) throw new Error(`${this.name} is off`);
    const limitMs = options.limitMs ?? 20_000;
    const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
    const guarded = ['timeout', '-s', 'KILL', String(limitMs / 1000), ...argv];
    return run(this.#inside(guarded), { input: options.input ?? '', limitMs: limitMs + 2000 });
  }

  /** As `exec`, and a non-zero exit status throws with all output. Resolves with standard output. */
  async must(command: string | readonly string[], options: { input?: string; limitMs?: number } = {}): Promise<string> {
    const ended = await this.exec(command, options);
    if (ended.status !== 0) throw new Error(`${this.name}: exit ${ended.status}: ${String(command)}\n${ended.stdout}${ended.stderr}`);
    return ended.stdout;
  }

  /** A long-running program on the host itself; it dies with the host. Lines of its standard output go to `take`. */
  program(argv: readonly string[], take: (line: string) => void): ChildProcess {
    const [file = '', ...args] = this.#inside(argv);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    onLines(child, take);
    return child;
  }

  /** A long-running program in the host's network namespace, killed with the laboratory; lines go to `take`. */
  helper(argv: readonly string[], take: (line: string) => void): ChildProcess {
    const child = this.lab.helper(this.pid, argv);
    onLines(child, take);
    return child;
  }

  /** Writes files (parents are made); a plain text gets mode 644. */
  async write(files: Readonly<Record<string, string | FileSpec>>): Promise<void> {
    const script = Object.entries(files).map(([name, file]) => {
      const { text, mode } = typeof file === 'string' ? { text: file, mode: undefined } : file;
      const quoted = `'${name.replaceAll("'", "'\\''")}'`;
      const data = Buffer.from(text, 'latin1').toString('base64');
      return `mkdir -p "$(dirname ${quoted})" && echo ${data} | base64 -d >${quoted} && chmod ${mode ?? '644'} ${quoted} || exit 1`;
    });
    await this.must(['sh', '-s'], { input: script.join('\n') });
  }

  /** The text of a file, '' when it is missing. */
  async read(name: string): Promise<string> {
    return (await this.exec(['cat', name])).stdout;
  }

  /**
   * Cuts the power: every process dies at once and the interfaces vanish. Resolves, with the time of the cut, once
   * nothing of the host runs any more.
   */
  async powerOff(): Promise<number> {
    const child = this.#child;
    const pid = this.pid;
    this.pid = 0;
    const gone = new Promise<void>((resolve) => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once('exit', () => resolve());
    });
    const at = monotonicMs();
    process.kill(pid, 'SIGKILL');
    // The kernel takes the interfaces away with the namespace, a little later; whoever comes first.
    const input = Object.keys(this.spec.nics).map((nic) => `link del ${this.port(nic)}\n`);
    await run([...this.lab.enter(this.lab.pid, ['-n']), 'ip', '-force', '-batch', '-'], { input: input.join('') });
    await gone;
    return at;
  }

  /** Pulls a cable (the carrier goes) and puts it back. */
  async pull(...nics: string[]): Promise<void> {
    await this.lab.ip(nics.map((nic) => `link set ${this.port(nic)} down`));
  }

  async plug(...nics: string[]): Promise<void> {
    await this.lab.ip(nics.map((nic) => `link set ${this.port(nic)} up`));
  }

  /** Takes the port out of the switch: the carrier stays, nothing passes. And puts it back. */
  async deafen(...nics: string[]): Promise<void> {
    await this.lab.ip(nics.map((nic) => `link set dev ${this.port(nic)} nomaster`));
  }

  async undeafen(...nics: string[]): Promise<void> {
    await this.lab.ip(nics.map((nic) => `link set dev ${this.port(nic)} master ${this.spec.nics[nic]?.lan} up`));
  }

  /** Waits for a line in a file (default: the log) that matches. Resolves with the line. */
  waitForLine(pattern: RegExp, limitMs: number, file = '/var/log/ha-log'): Promise<string> {
    return until(
      `${this.name}: ${pattern} in ${file}`,
      limitMs,
      async () => (await this.read(file)).split('\n').find((line) => pattern.test(line)),
      50,
    );
  }
}
