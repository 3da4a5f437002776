import { createRequire } from 'node:module';
import type { Fault } from '../contracts/basics.ts';
import { errnoFault } from './errno.ts';

/**
 * The system calls plain Node does not have, in one place, through koffi (0.3 us a call).
 *
 * Every call answers as the kernel does: a result >= 0, or the error number below zero. Nothing throws: a
 * machine on which koffi cannot be loaded answers `-ENOSYS` to everything.
 */
type Native = (...args: unknown[]) => unknown;
type Call = (...args: (number | string | Uint8Array | Int32Array | null)[]) => number;

interface PollHandle {
  stop(): void;
  close(): void;
}

interface Koffi {
  load(path: string | null): { func(definition: string): Native };
  errno(): number;
  address(value: Uint8Array): bigint;
  decode(value: unknown, type: string, length: number): unknown;
  readonly node: { poll(fd: number, options: { readable: boolean; disconnect: boolean }, ready: () => void): PollHandle };
}

const ENOSYS = 38;

const SIGNATURES = {
  socket: 'int socket(int family, int type, int protocol)',
  close: 'int close(int fd)',
  bind: 'int bind(int fd, const void *address, unsigned int length)',
  connect: 'int connect(int fd, const void *address, unsigned int length)',
  getsockopt: 'int getsockopt(int fd, int level, int name, void *value, void *length)',
  mkfifo: 'int mkfifo(const char *path, unsigned int mode)',
  setsockopt: 'int setsockopt(int fd, int level, int name, const void *value, unsigned int length)',
  sendto: 'intptr_t sendto(int fd, const void *bytes, size_t count, int flags, const void *address, unsigned int length)',
  recv: 'intptr_t recv(int fd, void *bytes, size_t count, int flags)',
  clock_gettime: 'int clock_gettime(int clock, void *time)',
  ioctl: 'int ioctl(int fd, unsigned long request, void *argument)',
  fcntl: 'int fcntl(int fd, int command, int argument)',
  flock: 'int flock(int fd, int operation)',
  pipe2: 'int pipe2(void *fds, int flags)',
  sched_setscheduler: 'int sched_setscheduler(int pid, int policy, const void *parameters)',
  sched_getscheduler: 'int sched_getscheduler(int pid)',
  prlimit: 'int prlimit(int pid, int resource, const void *wanted, void *previous)',
  prctl: 'int prctl(int option, unsigned long argument)',
  umask: 'unsigned int umask(unsigned int mask)',
  memfd_create: 'int memfd_create(const void *name, unsigned int flags)',
  waitpid: 'int waitpid(int pid, void *status, int options)',
  _exit: 'void _exit(int status)',
} as const;

type CallName = keyof typeof SIGNATURES;

interface Loaded {
  readonly koffi: Koffi;
  readonly calls: Readonly<Record<CallName, Call>>;
  readonly execve: Native;
}

let loaded: Loaded | undefined;
let loadFault: Fault | undefined;

/** Loads koffi at the first need: programs that make no system call never pay for it. */
function library(): Loaded | undefined {
  if (loaded !== undefined || loadFault !== undefined) return loaded;
  try {
    // In the bundle `__filename` names it; run from the sources the module's own address does.
    const load = createRequire(typeof __filename === 'string' && __filename.startsWith('/') ? __filename : import.meta.url);
    const koffi = load('koffi') as Koffi;
    const c = koffi.load(null);
    const bindings = Object.entries(SIGNATURES).map(([name, signature]) => {
      const native = c.func(signature);
      const call: Call = (...args) => {
        const result = Number(native(...args));
        return result === -1 ? -koffi.errno() : result;
      };
      return [name, call] as const;
    });
    const execve = c.func('int execve(const char *path, const char **words, const char **environment)');
    loaded = { koffi, calls: Object.fromEntries(bindings) as Record<CallName, Call>, execve };
  } catch (error) {
    loadFault = { code: 'ENOSYS', detail: `system calls are not available: ${error instanceof Error ? error.message : String(error)}` };
  }
  return loaded;
}

/** Why no system call can be made, or undefined when they can. */
export function libcFault(): Fault | undefined {
  library();
  return loadFault;
}

/** One call: the kernel's answer, or minus the error number. */
export function call(name: CallName, ...args: Parameters<Call>): number {
  const made = library();
  if (made === undefined) return -ENOSYS;
  try {
    return made.calls[name](...args);
  } catch {
    return -22; // EINVAL: an argument of a shape that koffi refuses
  }
}

/** A call whose result is only good or bad. */
export function check(what: string, result: number): Fault | undefined {
  return result < 0 ? errnoFault(what, -result) : undefined;
}

/** Functions of another library, by its file names in turn; nothing where it is missing or lacks one of them. */
export function openLibrary<Name extends string>(
  files: readonly string[],
  signatures: Readonly<Record<Name, string>>,
): Readonly<Record<Name, Native>> | undefined {
  for (const file of files) {
    try {
      const opened = library()?.koffi.load(file);
      if (opened === undefined) return undefined;
      const functions = Object.entries<string>(signatures).map(([name, signature]) => [name, opened.func(signature)] as const);
      return Object.fromEntries(functions) as Record<Name, Native>;
    } catch {
      // The next name, if there is one.
    }
  }
  return undefined;
}

/** Rings `ready` whenever `fd` can be read or has ended. The answer stops that; it does not close `fd`. */
export function watchReadable(fd: number, ready: () => void): () => void {
  const made = library();
  if (made === undefined) return () => {};
  const handle = made.koffi.node.poll(fd, { readable: true, disconnect: true }, ready);
  return () => handle.close();
}

/** Another program in this process. It comes back only when that failed, with minus the error number. */
export function execute(path: string, words: readonly string[], environment: readonly string[]): number {
  const made = library();
  if (made === undefined) return -ENOSYS;
  try {
    made.execve(path, [...words, null], [...environment, null]);
    return -made.koffi.errno();
  } catch {
    return -22; // EINVAL: a word that cannot be passed at all
  }
}

/** Ends the process without waiting for its threads. */
export function leaveAtOnce(status: number): void {
  call('_exit', status);
  process.kill(process.pid, 'SIGKILL');
}
