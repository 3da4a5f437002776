import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { DurableRecord, Store } from '../../src/contracts/host.ts';
import { newUuid, systemRandom } from '../../src/os/entropy.ts';
import { takeLock } from '../../src/os/lock.ts';
import { emptyResourceTmp, makeFolders, pathsOf, placesUnder, scriptDirs } from '../../src/os/paths.ts';
import { writePidFile } from '../../src/os/pid-file.ts';
import { createStore, nextGeneration, readRecord } from '../../src/os/store.ts';
import { folder } from './support.ts';

const UUID = Uint8Array.from({ length: 16 }, (_, at) => at + 1);

function save(store: Store, record: DurableRecord) {
  return new Promise((done) => store.save(record, done));
}

describe('store (wire-protocol 9)', () => {
  it('writes the two files in their form and reads them again', async (test) => {
    const dir = folder(test);
    const paths = { generation: join(dir, 'hb_generation'), uuid: join(dir, 'hb_uuid') };
    assert.equal(await save(createStore(paths), { generation: 1763676000, uuid: UUID }), undefined);
    assert.equal(readFileSync(paths.generation, 'latin1'), '     1763676000\n');
    assert.deepEqual(Uint8Array.from(readFileSync(paths.uuid)), UUID);
    assert.deepEqual(readRecord(paths), { generation: { kind: 'found', value: 1763676000 }, uuid: { kind: 'found', value: UUID } });
    assert.deepEqual(readdirSync(dir).sort(), ['hb_generation', 'hb_uuid']);
  });

  it('tells of a disk that keeps a save waiting, and that a save is under way', async (test) => {
    const dir = folder(test);
    const paths = { generation: join(dir, 'g'), uuid: join(dir, 'u') };
    // Opening a FIFO for writing waits for a reader, as a disk that stands still would.
    assert.equal(spawnSync('mkfifo', [`${paths.generation}.new`]).status, 0);
    let slow = 0;
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const store = createStore(paths, UUID, () => {
      slow += 1;
    });
    assert.equal(store.busy(), false);
    const saved = save(store, { generation: 1, uuid: UUID });
    assert.equal(store.busy(), true);
    test.mock.timers.tick(4999);
    assert.equal(slow, 0);
    test.mock.timers.tick(1);
    assert.equal(slow, 1);
    test.mock.timers.reset();
    const reader = spawn('cat', [`${paths.generation}.new`], { stdio: 'ignore' });
    test.after(() => reader.kill('SIGKILL'));
    await saved;
    assert.equal(store.busy(), false);
  });

  it('writes through no link that somebody has laid there', async (test) => {
    const dir = folder(test);
    const paths = { generation: join(dir, 'hb_generation'), uuid: join(dir, 'hb_uuid') };
    writeFileSync(join(dir, 'precious'), 'precious');
    for (const file of [paths.generation, paths.uuid]) symlinkSync(join(dir, 'precious'), `${file}.new`);
    assert.equal(await save(createStore(paths), { generation: 7, uuid: UUID }), undefined);
    assert.equal(readFileSync(join(dir, 'precious'), 'latin1'), 'precious');
    assert.deepEqual(readRecord(paths).generation, { kind: 'found', value: 7 });
  });

  it('saves one after another, in order', async (test) => {
    const dir = folder(test);
    const paths = { generation: join(dir, 'g'), uuid: join(dir, 'u') };
    const store = createStore(paths);
    const done: number[] = [];
    await Promise.all([1, 2, 3].map((generation) => save(store, { generation, uuid: UUID }).then(() => done.push(generation))));
    assert.deepEqual(done, [1, 2, 3]);
    assert.equal(readFileSync(paths.generation, 'latin1'), '              3\n');
  });

  it('never answers inside the call', async (test) => {
    const dir = folder(test);
    let answered = false;
    const saved = new Promise<void>((resolve) => {
      createStore({ generation: join(dir, 'g'), uuid: join(dir, 'u') }).save({ generation: 1, uuid: UUID }, () => {
        answered = true;
        resolve();
      });
    });
    assert.equal(answered, false);
    await saved;
  });

  it('says what went wrong', async (test) => {
    const dir = join(folder(test), 'absent');
    const fault = await save(createStore({ generation: join(dir, 'g'), uuid: join(dir, 'u') }), { generation: 1, uuid: UUID });
    assert.deepEqual(fault, { code: 'ENOENT', detail: `${join(dir, 'u')}: No such file or directory` });
  });

  const forms: readonly (readonly [string, string | undefined, string])[] = [
    ['missing', undefined, 'missing'],
    ['as 3.0.6 writes it', '             17\n', 'found'],
    ['without the blanks', '17', 'found'],
    ['empty', '', 'broken'],
    ['words', 'seventeen', 'broken'],
    ['negative', '-3', 'broken'],
    ['more than 32 bits', '4294967296', 'broken'],
    ['far too long', '1'.repeat(100_000), 'broken'],
  ];
  for (const [name, text, kind] of forms) {
    it(`generation file ${name}: ${kind}`, (test) => {
      const generation = join(folder(test), 'g');
      if (text !== undefined) writeFileSync(generation, text);
      assert.equal(readRecord({ generation, uuid: generation }).generation.kind, kind);
    });
  }

  it('a uuid of the wrong length, or of zeros alone, is broken', (test) => {
    const uuid = join(folder(test), 'u');
    for (const bytes of [UUID.subarray(1), new Uint8Array(16)]) {
      writeFileSync(uuid, bytes);
      assert.equal(readRecord({ generation: uuid, uuid }).uuid.kind, 'broken');
    }
  });

  it('counts on, or starts above the time', () => {
    assert.equal(nextGeneration({ kind: 'found', value: 41 }, 1000), 42);
    assert.equal(nextGeneration({ kind: 'missing' }, 1000), 1001);
    assert.equal(nextGeneration({ kind: 'broken', fault: { code: 'x', detail: 'x' } }, 1000), 1001);
  });
});

describe('pid file (tools 1)', () => {
  it('has ten columns and a line end', (test) => {
    const file = join(folder(test), 'heartbeat.pid');
    assert.equal(writePidFile(file, process.pid), undefined);
    assert.equal(readFileSync(file, 'latin1'), `${String(process.pid).padStart(10)}\n`);
  });
  it('goes through no link that somebody has laid there', (test) => {
    const dir = folder(test);
    writeFileSync(join(dir, 'precious'), 'precious');
    symlinkSync(join(dir, 'precious'), join(dir, 'pid.new'));
    assert.equal(writePidFile(join(dir, 'pid'), 17), undefined);
    assert.equal(readFileSync(join(dir, 'precious'), 'latin1'), 'precious');
    assert.equal(readFileSync(join(dir, 'pid'), 'latin1'), '        17\n');
  });

  it('says why it could not be written', () => assert.equal(writePidFile('/nosuch/pid')?.code, 'ENOENT'));
});

describe('lock', () => {
  it('is held by one, and free again after release', (test) => {
    const file = join(folder(test), 'lock');
    const lock = takeLock(file);
    assert.ok('release' in lock);
    const second = takeLock(file);
    assert.ok('code' in second && second.code === 'held');
    // Another program sees it too, and what we start does not inherit it.
    assert.equal(spawnSync('flock', ['-n', file, 'true']).status, 1);
    lock.release();
    lock.release();
    const third = takeLock(file);
    assert.ok('release' in third);
    third.release();
  });
  it('says why it could not be taken', () => {
    const lock = takeLock('/nosuch/lock');
    assert.ok('code' in lock && lock.code === 'ENOENT');
  });
});

describe('paths', () => {
  it('are the classic ones by default', () => {
    const paths = pathsOf({ configDir: '/etc/ha.d', stateDir: '/var/lib/heartbeat', runDir: '/run' });
    assert.deepEqual(
      [paths.resourceDir, paths.generation, paths.pidFile, paths.controlSocket, scriptDirs(paths, {})],
      [
        '/etc/ha.d/resource.d',
        '/var/lib/heartbeat/hb_generation',
        '/run/heartbeat.pid',
        '/run/heartbeat/control',
        ['/etc/ha.d/resource.d', '/etc/init.d'],
      ],
    );
  });
  it('ha.cf may name other init folders', () => {
    const paths = pathsOf({ configDir: '/etc/ha.d', stateDir: '/var/lib/heartbeat', runDir: '/run' });
    const dirs = (INIT_DIRS: string) => scriptDirs(paths, { INIT_DIRS }).slice(1);
    assert.deepEqual(dirs('/etc/rc.d/init.d:/usr/local/etc/init.d'), ['/etc/rc.d/init.d', '/usr/local/etc/init.d']);
    assert.deepEqual(dirs('relative::/abs'), ['/abs']);
    assert.deepEqual(dirs(''), ['/etc/init.d']);
  });
  it('are made, and rsctmp starts empty', (test) => {
    const under = folder(test);
    const paths = pathsOf(placesUnder(under));
    assert.equal(makeFolders(paths), undefined);
    assert.ok(existsSync(paths.stateDir));
    const elsewhere = join(under, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'precious'), '');
    mkdirSync(join(paths.resourceTmp, 'old', 'deep'), { recursive: true });
    symlinkSync(elsewhere, join(paths.resourceTmp, 'old', 'link'));
    assert.equal(emptyResourceTmp(paths), undefined);
    assert.ok(existsSync(join(elsewhere, 'precious')));
    assert.deepEqual(readdirSync(paths.resourceTmp), []);
    assert.equal(emptyResourceTmp(paths), undefined);
    assert.deepEqual(readdirSync(paths.resourceTmp), []);
    assert.equal(statSync(paths.resourceTmp).mode & 0o7777, 0o1777);
  });
});

describe('entropy', () => {
  it('stays below its limit', () => {
    const seen = new Set(Array.from({ length: 200 }, () => systemRandom.below(4)));
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3]);
    assert.deepEqual([systemRandom.below(1), systemRandom.below(0)], [0, 0]);
  });
  it('makes uuids of version 4', () => {
    const [one, two] = [newUuid(), newUuid()];
    assert.equal(one.length, 16);
    assert.notDeepEqual(one, two);
    assert.equal((one[6] ?? 0) >> 4, 4);
    assert.equal((one[8] ?? 0) >> 6, 2);
  });
});
