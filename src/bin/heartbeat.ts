import './early.ts';

import { hostname } from 'node:os';
import { heartbeat } from '../cli/heartbeat.ts';
import { processIo } from '../cli/io.ts';
import { guardedCommand, type LaunchCommand, launch, MASTER_TITLE, ownCommand, starterOfDetached } from '../cli/launch.ts';
import { catchesHangup, findGuardian, findRunning, heartbeatMark } from '../cli/running.ts';
import { formatProblem } from '../config/problems.ts';
import { localTime } from '../daemon/local-time.ts';
import { ownFile } from '../os/own-files.ts';
import { becomeProgram } from '../os/own-program.ts';

/** The daemon under its guardian; without one where the installation lacks it, and the daemon says so. */
function guarded(args: readonly string[]): LaunchCommand {
  const script = ownFile('etc/guardian');
  const at = args.indexOf('--run-dir');
  return script === undefined ? ownCommand(args) : guardedCommand(script, `${args[at + 1] ?? ''}/heartbeat`, ownCommand(args));
}

/** What reads the files, and the daemon itself, are loaded only when they are needed: `-s` and `-k` must be quick. */
void heartbeat(process.argv.slice(2), {
  ...processIo,
  pid: process.pid,
  hostName: hostname(),
  localTime: () => localTime(new Date()),
  async check(options) {
    const { readConfig } = await import('../daemon/read-config.ts');
    return readConfig(options.configDir, options, true);
  },
  tables: () => import('../cli/directive-output.ts'),
  formatProblem,
  findRunning,
  kill: (pid, signal) => void process.kill(pid, signal),
  isAlive: ({ pid, mark }) => heartbeatMark(pid) === mark,
  listens: catchesHangup,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  launch: (args, limitMs, tell) => launch(guarded(args), limitMs, tell),
  findGuardian,
  becomeGuardian(args) {
    const { program, args: words } = guarded(args);
    becomeProgram(program, ['sh', ...words]);
  },
  detachedStarter: () => starterOfDetached(),
  async runDaemon(options) {
    process.title = MASTER_TITLE;
    const { runDaemon } = await import('../daemon/main.ts');
    return runDaemon(options);
  },
}).then((status) => process.exit(status));
