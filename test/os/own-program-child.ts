/** Starts itself again in place with a lock and some bytes, and tells what is left of both. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { keepDescriptorsPrivate } from '../../src/os/descriptors.ts';
import { reapInheritedChildren } from '../../src/os/inherited-children.ts';
import { keepLock, takeLock } from '../../src/os/lock.ts';
import { holdBytes, startOwnProgramAgain, takeBytes } from '../../src/os/own-program.ts';

const [file = '', life, lockFd = '', bytesFd = ''] = process.argv.slice(2);
const tell = (facts: object): void => console.log(JSON.stringify({ pid: process.pid, ...facts }));
const locks = (): number => readdirSync('/proc/self/fd').filter((fd) => target(fd) === file).length;

function target(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

const children = (): number[] => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

if (life === undefined) {
  const lock = takeLock(file);
  const bytes = holdBytes(Buffer.from('what was checked'));
  if ('code' in lock || typeof bytes !== 'number') throw new Error('no lock or no memory');
  // It ends after this program has become another one, which never heard of it.
  spawn('sleep', ['0.1'], { stdio: 'ignore' }).once('spawn', () => {
    tell({ life: 1, locks: locks() });
    const fault = startOwnProgramAgain('another name', [file, '2', String(lock.fd), String(bytes)], [lock.fd, bytes]);
    throw new Error(fault.detail);
  });
} else {
  keepDescriptorsPrivate();
  reapInheritedChildren(20);
  const inherited = children().length;
  const lock = keepLock(file, Number(lockFd));
  const taken = takeBytes(Number(bytesFd), 100);
  const rest = { locked: !('code' in lock), locks: locks(), bytes: Buffer.from(taken ?? []).toString(), inherited };
  const timer = setInterval(() => {
    if (children().length > 0) return;
    clearInterval(timer);
    tell({ life: 2, ...rest, left: 0 });
  }, 20);
}
