// The guardian itself, under each shell of this machine, with a program in the daemon's place that does what a file says.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

const GUARDIAN = join(import.meta.dirname, '../../etc/guardian');
const SHELLS = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([shell = '']) => spawnSync(shell, ['-c', ':']).status !== null);

/** Each life does what the line of its number in `lives` says; the last line is for all further ones. */
const PROGRAM = `#!/bin/sh
cd "$1" || exit
echo "life $3" >>told
count=$(grep -c ^life told)
what=$(sed -n "$count{p;q}" lives)
eval "\${what:-$(tail -n 1 lives)}"
`;
const READY = 'echo "$$ 0.4" >ready.new; mv ready.new ready;';
const STAYS = `${READY} trap "rm -f journal ready; echo stopped >>told; exit 0" TERM; while :; do sleep 0.02; done`;

/** The guardian leads a group of its own. By the system call: the program `kill` of procps takes `-KILL -1234` for "everybody". */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || pid <= 1) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

for (const shell of SHELLS) {
  describe(`guardian under ${shell.join(' ')}`, () => {
    let folder = '';
    let child: ChildProcess | undefined;
    let status: Promise<number | null> = Promise.resolve(null);
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'hb-guardian-'));
      writeFileSync(join(folder, 'program'), PROGRAM, { mode: 0o755 });
    });
    afterEach(() => {
      endGroup(child?.pid);
      child = undefined;
      rmSync(folder, { recursive: true });
    });

    const told = (): string[] => (existsSync(join(folder, 'told')) ? readFileSync(join(folder, 'told'), 'utf8').trim().split('\n') : []);
    const journal = (): void => {
      const stop = (name: string) => `echo ${name} $EXTRA >>'${join(folder, 'told')}'`;
      const lines = [`env\tunset X; export EXTRA=1`, 'held\tall', 'group\t{}', `address\t${stop('a')}\t"a"`, `resource\t${stop('b')}\t"b"`];
      const all = ['heartbeatd-journal 1 x', ...lines, `address\t${stop('c')}\t"c"`, `resource\t${stop('d')}\t"d"`, 'lost\t:\t"e"'];
      writeFileSync(join(folder, 'journal'), `${all.join('\n')}\n`);
    };
    function guard(...lives: string[]): void {
      writeFileSync(join(folder, 'lives'), `${lives.join('\n')}\n`);
      const [program = '', ...words] = [...shell, GUARDIAN, folder, join(folder, 'program'), folder];
      const running = spawn(program, words, { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
      child = running;
      status = new Promise((resolve) => running.once('exit', (code) => resolve(code)));
    }
    async function until(what: () => boolean): Promise<number> {
      const from = performance.now();
      while (!what()) {
        assert.ok(performance.now() - from < 12_000, `waited too long: ${told().join(' ')}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return performance.now() - from;
    }
    const pid = (): number => Number(readFileSync(join(folder, 'ready'), 'utf8').split(' ')[0]);

    for (const code of [0, 6, 1]) {
      it(`a first start that ends with ${code} is not tried again`, async () => {
        guard(`exit ${code}`);
        assert.equal(await status, code);
        assert.deepEqual(told(), ['life first']);
      });
    }

    it('a daemon that is killed is started again at once, and its clean end is the end', async () => {
      journal();
      guard(STAYS);
      await until(() => existsSync(join(folder, 'ready')));
      const first = pid();
      process.kill(first, 'SIGKILL');
      await until(() => existsSync(join(folder, 'ready')) && pid() !== first);
      // Longer than it has for that: nothing is given up.
      await new Promise((resolve) => setTimeout(resolve, 600));
      assert.deepEqual(told(), ['life first', 'life again']);
      child?.kill('SIGTERM');
      assert.equal(await status, 0);
      assert.deepEqual(told(), ['life first', 'life again', 'stopped']);
    });

    it('one that cannot be started: addresses first, then the rest from right to left, and it is tried on', async () => {
      journal();
      guard(`${READY} kill -9 $$`, 'exit 1', STAYS);
      await until(() => told().includes('b 1'));
      const order = told().filter((line) => !line.startsWith('life'));
      assert.deepEqual(
        [order.slice(0, 2).sort(), order.slice(2, 4)],
        [
          ['a 1', 'c 1'],
          ['d 1', 'b 1'],
        ],
      );
      await until(() => existsSync(join(folder, 'ready')));
      assert.equal(told().filter((line) => line === 'life again').length, 2);
    });

    it('one that hangs before it is ready is ended before anything is given up', async () => {
      journal();
      guard(`${READY} kill -9 $$`, 'echo $$ >hangs; exec sleep 30', STAYS);
      await until(() => told().includes('b 1'));
      assert.throws(() => process.kill(Number(readFileSync(join(folder, 'hangs'), 'utf8')), 0), /ESRCH/);
    });

    it('files that are not good: it gives up, and ends with that status', async () => {
      journal();
      guard(`${READY} kill -9 $$`, 'exit 6');
      assert.equal(await status, 6);
      assert.ok(told().includes('b 1'));
    });

    it('a stop while it cannot be started gives up at once', async () => {
      journal();
      guard(`${READY} kill -9 $$`, 'exit 1');
      await until(() => told().includes('life again'));
      child?.kill('SIGTERM');
      assert.equal(await status, 0);
      assert.ok(told().includes('b 1'));
    });

    it('another daemon that was started meanwhile keeps what it has taken up', async () => {
      journal();
      guard(`${READY} kill -9 $$`, `echo "${process.pid} 1" >ready; exit 1`);
      assert.equal(await status, 1);
      assert.deepEqual(told(), ['life first', 'life again']);
    });

    it('what another user has written is not carried out', { skip: process.geteuid?.() !== 0 }, async () => {
      journal();
      chownSync(join(folder, 'journal'), 65534, 65534);
      guard(`${READY} kill -9 $$`, 'exit 6');
      assert.equal(await status, 6);
      assert.deepEqual(
        told().filter((line) => !line.startsWith('life')),
        [],
      );
    });

    it('leaves the pipe of who started it to the daemon', async () => {
      guard(`exec 3>&-; ${STAYS}`);
      const pipe = child?.stdio[3];
      assert.ok(pipe !== null && pipe !== undefined);
      const closed = new Promise((resolve) => pipe.once('close', resolve));
      pipe.on('data', () => undefined);
      await closed;
      assert.equal(child?.exitCode, null);
    });
  });
}
