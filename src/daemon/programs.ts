import { existsSync } from 'node:fs';
import type { Programs } from '../contracts/clients.ts';
import { createProgramRunner } from '../os/program-runner.ts';
import { systemText } from '../os/text.ts';
import type { Log } from './log.ts';

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

/** The programs of ha.cf as this host runs them: words as the file has them, and no descriptor for log lines. */
export function createPrograms(environment: () => Readonly<Record<string, string>>, log: Log): Programs {
  const setpriv = SETPRIV.find((path) => existsSync(path));
  const runner = createProgramRunner({
    environment() {
      const { HA_LOGFD: _, ...rest } = environment();
      return rest;
    },
    log: (level, text) => log.line(level, text),
    ...(setpriv === undefined ? {} : { setpriv }),
  });
  return {
    start: (id, program, ended) =>
      runner.start(id, { ...program, command: systemText(program.command), user: systemText(program.user) }, ended),
    signal: (id, signal) => runner.signal(id, signal),
  };
}
