import assert from 'node:assert/strict';
import test from 'node:test';
import { hbStandby } from '../../src/cli/hb_standby.ts';
import { hbTakeover } from '../../src/cli/hb_takeover.ts';
import type { CommandRequest, CommandResult } from '../../src/contracts/engine.ts';
import { ControlError, type ControlFailure } from '../../src/control/client.ts';

async function run(program: typeof hbStandby, argv: readonly string[], result: CommandResult | ControlFailure = { ok: true }) {
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
      assert.equal(ran.err, `${name}: wrong resources(${argv[0]}).\nUsage: ${name} [all|foreign|local|failback] [--run-dir DIR]\n`);
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
