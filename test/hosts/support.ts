/** What this machine allows: whether test hosts can be made here, and in which way. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const cache = join(checkout, '.cache');

/** 'root': real root. 'user': root only inside a user namespace of its own; no other users exist there. */
export type Way = 'root' | 'user';

export interface Support {
  readonly way?: Way;
  /** Why test hosts are impossible, for the skip line. */
  readonly reason?: string;
}

const namespaces = ['-m', '-n', '-p', '-i', '-u', '--fork'];

function works(argv: readonly string[]): boolean {
  const [file = '', ...args] = argv;
  return spawnSync(file, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

let known: Support | undefined;

export function support(): Support {
  known ??= find();
  return known;
}

function find(): Support {
  if (process.platform !== 'linux') return { reason: 'test hosts need Linux' };
  for (const tool of ['unshare', 'nsenter', 'setpriv', 'ip', 'bash', 'mount', 'pivot_root']) {
    if (!works(['sh', '-c', `command -v ${tool}`])) return { reason: `the program ${tool} is missing` };
  }
  if (!existsSync(join(cache, 'test-root.stamp'))) {
    const made = spawnSync(join(checkout, 'scripts/lib/test-root.sh'), { encoding: 'utf8', timeout: 300_000 });
    if (made.status !== 0) return { reason: (made.stderr || 'scripts/lib/test-root.sh failed').trim() };
  }
  const makeBridge = ['sh', '-c', 'ip link add b0 type bridge && ip link add v0 type veth peer name v1 && ip link set v0 master b0'];
  if (process.getuid?.() === 0 && works(['unshare', ...namespaces, ...makeBridge])) return { way: 'root' };
  if (works(['unshare', '-U', '-r', ...namespaces, ...makeBridge])) {
    return userOverlayWorks() ? { way: 'user' } : { reason: 'overlayfs cannot be mounted inside a user namespace here' };
  }
  return { reason: 'neither root with all rights nor user namespaces (bridge and veth included) are available' };
}

function userOverlayWorks(): boolean {
  const script =
    'mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w /mnt/m && mount -t overlay -o lowerdir=/usr,upperdir=/mnt/u,workdir=/mnt/w,userxattr o /mnt/m';
  return works(['unshare', '-U', '-r', ...namespaces, 'sh', '-c', script]);
}

/** The folder with this node, if hosts would not see it in the machine's /usr. */
export function nodePrefix(): string {
  if (process.execPath.startsWith('/usr/') && statSync('/usr').dev === statSync(process.execPath).dev) return '';
  return dirname(dirname(process.execPath));
}
