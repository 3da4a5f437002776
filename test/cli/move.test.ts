import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { hbStandby } from '../../src/cli/hb_standby.ts';
import { hbTakeover } from '../../src/cli/hb_takeover.ts';
import type { CommandRequest, CommandResult } from '../../src/contracts/engine.ts';
import { ControlError, type ControlFailure } from '../../src/control/client.ts';
import { type FifoOutcome, writeToFifo } from '../../src/control/fifo-writer.ts';

async function run(
  program: typeof hbStandby,
  argv: readonly string[],
  result: CommandResult | ControlFailure = { ok: true },
  fifo: FifoOutcome = 'noReader',
) {
  const asked: (CommandRequest | string)[] = [];
  let out = '';
  let err = '';
  const status = await program(argv, {
    out: (line) => (out += `${line}\n`),
    err: (line) => (err += `${line}\n`),
    ask: async (path, request) => {
      asked.push(path, request);
      if (typeof result === 'string') throw new ControlError(result, `it is ${result}`);
      return result;
    },
    writeToFifo(path, lines) {
      asked.push(path, ...lines);
      return fifo;
    },
  });
  return { status, out, err, asked };
}

test('hb_standby in a script of the event hb_takeover does nothing, in any other it works', async () => {
  const inside = (event: string) => run((argv, world) => hbStandby(argv, world, event), ['foreign']);
  assert.deepEqual(await inside('hb_takeover'), {
    status: 0,
    out: 'hb_standby: nothing to do, heartbeat answers hb_takeover by itself\n',
    err: '',
    asked: [],
  });
  assert.equal((await inside('status')).out, 'Going standby [foreign].\n');
});

test('hb_standby asks for the set, default all, and prints what 3.0.6 prints', async () => {
  const wanted: readonly (readonly [string[], string, string])[] = [
    [[], 'all', 'all'],
    [['foreign'], 'foreign', 'foreign'],
    [['local'], 'local', 'local'],
    [['failback'], 'failback', 'foreign'],
  ];
  for (const [argv, set, printed] of wanted) {
    const ran = await run(hbStandby, argv);
    assert.deepEqual(ran, {
      status: 0,
      out: `Going standby [${printed}].\n`,
      err: '',
      asked: ['/run/heartbeat/control', { name: 'standby', set }],
    });
  }
});

test('hb_takeover prints nothing', async () => {
  assert.deepEqual(await run(hbTakeover, ['local', '--run-dir', '/tmp/x']), {
    status: 0,
    out: '',
    err: '',
    asked: ['/tmp/x/heartbeat/control', { name: 'takeover', set: 'local' }],
  });
});

test('a wrong word: its text, the usage, exit 1, and nobody is asked', async () => {
  for (const [program, name] of [
    [hbStandby, 'hb_standby'],
    [hbTakeover, 'hb_takeover'],
  ] as const) {
    for (const argv of [['none'], ['everything'], ['--force']]) {
      const ran = await run(program, argv);
      assert.deepEqual([ran.status, ran.out, ran.asked], [1, '', []]);
      assert.equal(
        ran.err,
        `${name}: wrong resources(${argv[0]}).\nUsage: ${name} [all|foreign|local|failback] [--run-dir DIR] [--state-dir DIR]\n`,
      );
    }
    assert.match((await run(program, ['all', 'local'])).err, /wrong resources\(all local\)/);
  }
});

test('a stopped daemon, and a refusal, are told with exit 1', async () => {
  assert.deepEqual(
    [(await run(hbStandby, [], 'notRunning')).status, (await run(hbStandby, [], 'notRunning')).err],
    [1, 'hb_standby: Heartbeat is not currently running.\n'],
  );
  const ran = await run(hbTakeover, [], { ok: false, reason: 'the other side is in flux' });
  assert.deepEqual([ran.status, ran.out, ran.err], [1, '', 'hb_takeover: refused: the other side is in flux\n']);
  assert.equal((await run(hbStandby, [], 'timeout')).err, 'hb_standby: it is timeout\n');
});

test('nobody at the control socket, but a reader at the FIFO: it is the original, and gets its message', async () => {
  for (const [program, argv, lines, out] of [
    [hbStandby, [], ['t=ask_resources', 'rsc_hold=all', 'info=me'], 'Going standby [all].\n'],
    [hbStandby, ['failback'], ['t=ask_resources', 'rsc_hold=foreign', 'info=me'], 'Going standby [foreign].\n'],
    [hbTakeover, ['local'], ['t=hb_takeover', 'rsc_hold=local'], ''],
    [hbTakeover, ['failback'], ['t=hb_takeover', 'rsc_hold=foreign'], ''],
  ] as const) {
    const ran = await run(program, argv, 'notRunning', 'written');
    assert.deepEqual([ran.status, ran.out, ran.err], [0, out, '']);
    assert.deepEqual(ran.asked.slice(2), ['/var/lib/heartbeat/fifo', ...lines]);
  }
  const elsewhere = await run(hbStandby, ['--run-dir', '/x', '--state-dir', '/y'], 'notRunning', 'written');
  assert.equal(elsewhere.asked[2], '/y/fifo');
  const unknown = await run(hbStandby, ['--run-dir', '/x'], 'notRunning', 'written');
  assert.deepEqual([unknown.status, unknown.asked.length], [1, 2], 'whose FIFO would that be?');
  assert.deepEqual((await run(hbStandby, [], 'timeout', 'written')).asked.length, 2, 'it runs: nothing goes past it');
  assert.match((await run(hbStandby, [], 'notRunning', 'noPermission')).err, /^hb_standby: no permission to write to /);
  assert.match((await run(hbStandby, [], 'notRunning', 'full')).err, /takes nothing/);
});

test('the FIFO is written whole, or at once not at all', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-fifo-'));
  const fifo = path.join(folder, 'fifo');
  assert.equal(writeToFifo(fifo, ['t=x']), 'noReader', 'there is none');
  fs.writeFileSync(fifo, '');
  assert.equal(writeToFifo(fifo, ['t=x']), 'noReader', 'a plain file');
  assert.equal(fs.readFileSync(fifo, 'utf8'), '');
  fs.unlinkSync(fifo);
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  assert.equal(writeToFifo(fifo, ['t=x']), 'noReader', 'nobody reads');
  const reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  reader.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  for (const end = Date.now() + 5000; writeToFifo(fifo, ['t=x', 'info=me']) !== 'written' && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 2));
  await new Promise((resolve) => reader.on('close', resolve));
  assert.equal(text, '>>>\nt=x\ninfo=me\n<<<\n');
  const own = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  let written = 0;
  while (writeToFifo(fifo, ['t=x']) === 'written') written += 1;
  assert.ok(written > 100);
  assert.equal(writeToFifo(fifo, ['t=x']), 'full');
  fs.readSync(own, Buffer.alloc(65_536));
  assert.equal(writeToFifo(fifo, ['x'.repeat(5000)]), 'tooLong', 'more than a pipe takes in one piece');
  assert.equal(writeToFifo(fifo, ['site=\xe4']), 'written');
  const bytes = Buffer.alloc(100);
  assert.equal(bytes.toString('latin1', 0, fs.readSync(own, bytes)), '>>>\nsite=\xe4\n<<<\n');
  fs.closeSync(own);
  fs.rmSync(folder, { recursive: true });
});
