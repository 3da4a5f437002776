import assert from 'node:assert/strict';
import test from 'node:test';
import { hbAddnode } from '../../src/cli/hb_addnode.ts';
import { hbDelnode } from '../../src/cli/hb_delnode.ts';
import { hbSetsite } from '../../src/cli/hb_setsite.ts';
import { hbSetweight } from '../../src/cli/hb_setweight.ts';
import type { CommandRequest, CommandResult } from '../../src/contracts/engine.ts';
import { ControlError, type ControlFailure } from '../../src/control/client.ts';
import type { FifoOutcome } from '../../src/control/fifo-writer.ts';

async function run(
  program: typeof hbAddnode,
  argv: readonly string[],
  result: CommandResult | ControlFailure = { ok: true },
  fifo: FifoOutcome = 'noReader',
) {
  const asked: CommandRequest[] = [];
  const written: (string | readonly string[])[] = [];
  let out = '';
  let err = '';
  const status = await program(argv, {
    out: (line) => (out += `${line}\n`),
    err: (line) => (err += `${line}\n`),
    ask: async (_path, request) => {
      asked.push(request);
      if (typeof result === 'string') throw new ControlError(result, `it is ${result}`);
      return result;
    },
    writeToFifo: (file, lines) => {
      written.push(file, lines);
      return fifo;
    },
  });
  return { status, out, err, asked, written };
}

test('each asks the daemon, and prints nothing when all is well', async () => {
  const cases: readonly (readonly [typeof hbAddnode, string[], CommandRequest])[] = [
    [hbAddnode, ['n3', 'N4'], { name: 'addnode', nodes: ['n3', 'N4'] }],
    [hbAddnode, ['n3 n4'], { name: 'addnode', nodes: ['n3', 'n4'] }],
    [hbDelnode, ['n3'], { name: 'delnode', nodes: ['n3'] }],
    [hbSetweight, ['n2', '200'], { name: 'setweight', node: 'n2', weight: 200 }],
    [hbSetweight, ['n2', '-5'], { name: 'setweight', node: 'n2', weight: -5 }],
    [hbSetsite, ['n2', 'Zürich'], { name: 'setsite', node: 'n2', site: 'Z\xc3\xbcrich' }],
    [hbSetsite, ['n2', ''], { name: 'setsite', node: 'n2', site: '' }],
  ];
  for (const [program, argv, request] of cases)
    assert.deepEqual(await run(program, argv), { status: 0, out: '', err: '', asked: [request], written: [] });
});

test('too few words and --help: the usage of 3.0.6 on stdout, status 1, nobody is asked', async () => {
  const cases: readonly (readonly [typeof hbAddnode, string[], string])[] = [
    [hbAddnode, [], 'usage: hb_addnode <node> <node> ...\n'],
    [hbDelnode, ['--help'], 'usage: hb_delnode <node> <node> ...\n'],
    [hbSetweight, ['n2'], 'usage: hb_setweight <node> <weight>\n'],
    [hbSetsite, ['n2', 'a', 'b'], 'usage: hb_setsite <node> <site>\n'],
  ];
  for (const [program, argv, out] of cases) assert.deepEqual(await run(program, argv), { status: 1, out, err: '', asked: [], written: [] });
});

test('what no daemon would take is refused at once', async () => {
  const cases: readonly (readonly [typeof hbAddnode, string[], RegExp])[] = [
    [hbAddnode, ['a=b'], /needs nodes: 1 to 100 node names/],
    [hbAddnode, ['n'.repeat(100)], /needs nodes/],
    [hbSetweight, ['n2', 'abc'], /needs weight: a whole number/],
    [hbSetweight, ['n2', '99999999999'], /needs weight/],
    [hbSetsite, ['n2', 'two\nlines'], /needs site: a text of at most 255 bytes on one line/],
  ];
  for (const [program, argv, said] of cases) {
    const ran = await run(program, argv);
    assert.deepEqual([ran.status, ran.out, ran.asked, ran.written], [1, '', [], []]);
    assert.match(ran.err, said);
  }
});

test('a refusal of the daemon is told with its reason and status 1', async () => {
  const ran = await run(hbDelnode, ['n2'], { ok: false, reason: 'deletion failed: node n2 is not dead' });
  assert.deepEqual([ran.status, ran.out, ran.err], [1, '', 'hb_delnode: refused: deletion failed: node n2 is not dead\n']);
});

test('where only a FIFO has a reader, the message goes there', async () => {
  const ran = await run(hbSetsite, ['n2', 'east wing'], 'notRunning', 'written');
  assert.equal(ran.status, 0);
  assert.deepEqual(ran.written, ['/var/lib/heartbeat/fifo', ['t=setsite', 'node=n2', 'site=east wing']]);
  assert.deepEqual((await run(hbAddnode, ['n3', 'n4'], 'notRunning', 'written')).written[1], ['t=addnode', 'nodelist=n3 n4']);
  const elsewhere = await run(hbAddnode, ['n3', '--run-dir', '/tmp/x', '--state-dir', '/tmp/y'], 'notRunning', 'written');
  assert.deepEqual(elsewhere.written, ['/tmp/y/fifo', ['t=addnode', 'nodelist=n3']], 'as hb_standby does');
  assert.deepEqual((await run(hbAddnode, ['n3', '--run-dir', '/tmp/x'], 'notRunning', 'written')).written, [], 'not to some other daemon');
  assert.deepEqual((await run(hbAddnode, ['n3'], 'timeout', 'written')).written, [], 'a daemon that is there and slow is not asked twice');
  assert.equal((await run(hbAddnode, ['n3'], 'notRunning')).err, 'hb_addnode: Heartbeat is not currently running.\n');
  assert.match((await run(hbAddnode, ['n3'], 'notRunning', 'noPermission')).err, /^hb_addnode: no permission to write to /);
});
