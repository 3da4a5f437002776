import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mutatedSource, SOURCES } from './bundle.ts';
import { Hunter } from './hunt.ts';
import { MUTATIONS } from './list.ts';
import { type Mutation, mutated, QUICK_RUNS } from './mutation.ts';
import { OPEN } from './open.ts';
import { checkerOf } from './table.ts';

const MUTATIONS_LEAST = 40;
const ALL = [...MUTATIONS, ...OPEN];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Faults may leave something unused; everything else must be right: what throws in each run is no fault in the logic. */
const LENIENT = { noUnusedLocals: false, noUnusedParameters: false, noImplicitReturns: false, allowUnreachableCode: true };

describe('mutations', () => {
  it(`are ${MUTATIONS_LEAST} or more, each with a name of its own and in logic that the simulator runs`, () => {
    assert.ok(MUTATIONS.length >= MUTATIONS_LEAST, `${MUTATIONS.length}`);
    assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length);
    for (const { name, file } of ALL)
      assert.match(file, /^(?:protocol|cluster|resources|engine|clients)\/|^daemon\/driver\.ts$/, `${name}: ${file}`);
  });

  it('apply: the text of each is there once', () => {
    const broken = ALL.flatMap((mutation) => {
      try {
        mutatedSource(mutation);
        return [];
      } catch (error) {
        return [String(error)];
      }
    });
    assert.deepEqual(broken, []);
  });

  it('are refused when their text is missing or ambiguous, or when they change nothing', () => {
    const mutation: Mutation = { name: 'x', file: 'f.ts', find: 'one', replace: 'two', breaks: 'nothing' };
    assert.equal(mutated(mutation, 'a one b'), 'a two b');
    assert.throws(() => mutated(mutation, 'a b'), /0 times/);
    assert.throws(() => mutated(mutation, 'one one'), /2 times/);
    assert.throws(() => mutated({ ...mutation, replace: 'one' }, 'one'), /changes nothing/);
    assert.equal(mutated({ ...mutation, replace: "$& $' two" }, 'one'), "$& $' two");
  });

  it('compile: each changed file beside its unchanged neighbours', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
    try {
      cpSync(SOURCES, join(scratch, 'src'), { recursive: true });
      const files = ALL.map((mutation) => {
        const name = `src/${mutation.file.replace(/\.ts$/, `.${mutation.name}.ts`)}`;
        writeFileSync(join(scratch, name), mutatedSource(mutation));
        return name;
      });
      const base = { extends: join(ROOT, 'tsconfig.json'), compilerOptions: { ...LENIENT, types: [] }, include: [], files };
      writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(base));
      execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', scratch], { encoding: 'utf8', timeout: 120_000 });
    } catch (error) {
      const { stdout } = error as { stdout?: string };
      assert.fail(stdout ?? String(error));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});

describe('the simulator', () => {
  const hunter = new Hunter();
  let most = 0;
  after(() => hunter.close());
  for (const mutation of MUTATIONS.filter(({ quick }) => quick === true)) {
    it(`finds ${mutation.name}`, async () => {
      const found = await hunter.find(mutation, 1, QUICK_RUNS);
      assert.ok(found !== undefined, `not within ${QUICK_RUNS} runs`);
      most = Math.max(most, found.runs);
    });
  }

  it('finds nothing in the same seeds of the program as it is', async () => {
    assert.equal(await hunter.findUnmutated(1, most), undefined);
  });
});

describe('the table', () => {
  it('names the checker without what differs from run to run', () => {
    assert.equal(checkerOf('10.084 n1 declared n2 dead after 4500 ms of silence'), 'N declared N dead after # ms of silence');
    assert.equal(checkerOf('37.366 two holders of IPaddr::b db'), 'two holders of R');
  });
});
