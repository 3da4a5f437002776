/**
 * Run by frozen.test.ts on a file system of its own: freezes it, goes on logging, watches the event loop and other file work,
 * thaws it, and prints what happened as JSON.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLog } from '../../src/daemon/log.ts';

const [mountPoint = '', elsewhere = '', frozenMs = '0'] = process.argv.slice(2);
const run = promisify(execFile);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const TICK_MS = 10;

const logfile = path.join(mountPoint, 'ha-log');
const debugfile = path.join(mountPoint, 'ha-debug');
const log = createLog({
  config: { logfile, debugfile, debug: 0, syslogmsgfmt: true },
  node: 'n1',
  pid: process.pid,
  foreground: false,
  limits: { linesMax: 40 },
});
log.line('info', 'before');
await pause(100);
await run('fsfreeze', ['-f', mountPoint]);

let latestMs = 0;
let lines = 0;
let last = performance.now();
const ticks = setInterval(() => {
  const now = performance.now();
  latestMs = Math.max(latestMs, now - last - TICK_MS);
  last = now;
  lines += 1;
  log.line('info', `line ${lines}`);
}, TICK_MS);
let saves = 0;
const end = performance.now() + Number(frozenMs);
while (performance.now() < end) {
  await Promise.all([1, 2].map((number) => fs.writeFile(path.join(elsewhere, `save${number}`), String(saves))));
  saves += 1;
  await pause(20);
}
clearInterval(ticks);
const stalled = log.stalled();
log.flushSync();
const flushedInTime = performance.now() - end < Number(frozenMs);

await run('fsfreeze', ['-u', mountPoint]);
const dropped = log.dropped();
await new Promise<void>((resolve) => log.close(5000, resolve));
const text = await fs.readFile(logfile, 'utf8');
console.log(JSON.stringify({ latestMs, lines, saves, stalled, flushedInTime, dropped, text }));
