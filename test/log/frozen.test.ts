import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';

const FROZEN_MS = 1500;
/** What the shell exits with when this machine lends no loop device or no mount. */
const CANNOT = 77;

/** The mount lives in a namespace of its own; whatever happens, the file system is thawed in the end. */
const SCRIPT = `
mkdir "$1/mount" "$1/elsewhere" && truncate -s 16M "$1/image" && mkfs.ext4 -q "$1/image" && mount -o loop "$1/image" "$1/mount" || exit ${CANNOT}
sh -c 'sleep 20; fsfreeze -u "$1"' thaw "$1/mount" </dev/null >/dev/null 2>&1 &
"$2" --import "$3" "$4" "$1/mount" "$1/elsewhere" ${FROZEN_MS}
status=$?
kill $!
fsfreeze -u "$1/mount" 2>/dev/null
umount "$1/mount"
exit $status
`;

test('a log disk that stands still delays neither the event loop nor other file work', (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root: mounts and freezes a loop file system');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-frozen-'));
  try {
    const child = path.join(import.meta.dirname, 'frozen-child.ts');
    const words = ['-m', '--kill-child', 'sh', '-c', SCRIPT, 'sh', folder, process.execPath, import.meta.resolve('tsx'), child];
    const ran = spawnSync('unshare', words, { encoding: 'utf8', timeout: 60_000 });
    if (ran.error !== undefined || ran.status === CANNOT)
      return t.skip(`no loop file system here: ${ran.error?.message ?? ran.stderr.trim()}`);
    assert.equal(ran.status, 0, ran.stderr);
    const seen = JSON.parse(ran.stdout) as Record<string, number> & { text: string; stalled: boolean; flushedInTime: boolean };
    t.diagnostic(
      `latest tick ${Math.round(seen.latestMs ?? 0)} ms, ${seen.saves} saves, ${seen.dropped} lines dropped (two files, ${seen.lines} each)`,
    );
    assert.equal(seen.stalled, true, 'the disk did stand still');
    assert.equal(seen.flushedInTime, true);
    assert.ok((seen.latestMs ?? Number.NaN) < FROZEN_MS / 2, `a tick came ${seen.latestMs} ms late`);
    assert.ok((seen.saves ?? 0) > 5, `${seen.saves} saves elsewhere`);
    assert.ok((seen.dropped ?? 0) > 0);
    assert.match(seen.text, /: before\n.*: line 1\n.*: line 2\n/);
    assert.match(seen.text, /WARN: \d+ log lines were dropped: .*ha-log took no more\n/);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
