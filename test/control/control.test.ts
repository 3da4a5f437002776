import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import type { CommandRequest, CommandResult } from '../../src/contracts/engine.ts';
import { askDaemon, ControlError } from '../../src/control/client.ts';
import { LineSplitter } from '../../src/control/framing.ts';
import { OPERATIONS, REQUEST_BYTES_MAX, readReply, readRequest, whatIsWrong, writeRequest } from '../../src/control/operations.ts';
import { type ControlLimits, type ControlServer, openControl } from '../../src/control/server.ts';
import { controlPlace, registerPlace } from '../../src/daemon/control-place.ts';
import { findId } from '../../src/os/account-table.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-control-'));
let count = 0;
test.after(() => fs.rmSync(folder, { recursive: true }));

type Handler = (request: CommandRequest, answer: (result: CommandResult) => void) => void;

async function withServer(
  handler: Handler,
  limits: Partial<ControlLimits>,
  run: (file: string, server: ControlServer) => Promise<void>,
): Promise<void> {
  count += 1;
  const file = path.join(folder, `run${count}`, 'heartbeat', 'control');
  const server = await new Promise<ControlServer>((resolve, reject) => {
    const made = openControl({ path: file, place: controlPlace('/nowhere'), onRequest: handler, limits }, (fault) =>
      fault === undefined ? resolve(made) : reject(new Error(fault.detail)),
    );
  });
  try {
    await run(file, server);
  } finally {
    server.close();
  }
}

/** Sends pieces one by one, and gives back all that came until the server hung up. */
function talk(file: string, pieces: readonly (string | Uint8Array)[], end = true): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.createConnection({ path: file, allowHalfOpen: true });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', (error) => ((error as NodeJS.ErrnoException).code === 'EPIPE' ? undefined : reject(error)));
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(text));
    const next = (at: number): void => {
      const piece = pieces[at];
      if (piece === undefined) {
        if (end) socket.end();
        return;
      }
      socket.write(piece, () => setImmediate(next, at + 1));
    };
    next(0);
  });
}

async function allGone(server: ControlServer): Promise<void> {
  for (const until = Date.now() + 5000; server.clients > 0 && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(server.clients, 0);
}

const yes: Handler = (_request, answer) => answer({ ok: true });

test('every operation of the table is read as it is written', () => {
  for (const { op, fields } of OPERATIONS) {
    const [form] = Object.values(fields);
    if (form !== undefined && 'needs' in form) continue;
    for (const set of form ?? [undefined]) {
      const request = (set === undefined ? { name: op } : { name: op, set }) as CommandRequest;
      assert.deepEqual(readRequest(writeRequest(request)), { ok: true, request });
    }
  }
});

test('requests about nodes are read as they are written, and held to their bounds', () => {
  const good: CommandRequest[] = [
    { name: 'addnode', nodes: ['n3'] },
    { name: 'delnode', nodes: Array.from({ length: 100 }, (_, at) => `n${at}`) },
    { name: 'setweight', node: 'n1', weight: -5 },
    { name: 'setsite', node: 'n1', site: '' },
    { name: 'setsite', node: 'n1', site: 'Z\xc3\xbcrich, upper floor' },
  ];
  for (const request of good) {
    assert.equal(whatIsWrong(request), undefined);
    assert.deepEqual(readRequest(writeRequest(request)), { ok: true, request });
  }
  const bad = [
    '{"op":"addnode"}',
    '{"op":"addnode","nodes":[]}',
    '{"op":"addnode","nodes":"n3"}',
    '{"op":"addnode","nodes":["n3",7]}',
    '{"op":"addnode","nodes":["a b"]}',
    '{"op":"addnode","nodes":["a=b"]}',
    '{"op":"addnode","nodes":["a\\nb"]}',
    `{"op":"addnode","nodes":["${'n'.repeat(100)}"]}`,
    `{"op":"delnode","nodes":${JSON.stringify(Array.from({ length: 101 }, (_, at) => `n${at}`))}}`,
    '{"op":"setweight","node":"n1","weight":"5"}',
    '{"op":"setweight","node":"n1","weight":1.5}',
    '{"op":"setweight","node":"n1","weight":1e12}',
    '{"op":"setweight","node":"n1"}',
    '{"op":"setsite","node":"n1","site":"a\\nb"}',
    `{"op":"setsite","node":"n1","site":"${'s'.repeat(256)}"}`,
    '{"op":"setsite","node":"n1","site":"\\u20ac"}',
  ];
  for (const line of bad) assert.equal(readRequest(line).ok, false, line);
});

test('what is not a request is refused with a sentence', () => {
  const bad = ['', 'x', '[]', 'null', '7', '{}', '{"op":7}', '{"op":"nosuch"}', '{"op":"status","more":1}', '{"op":"standby"}'];
  bad.push(
    '{"op":"standby","set":"none"}',
    '{"op":"standby","set":["all"]}',
    '{"op":"toString"}',
    '{"op":"standby","set":"all","__proto__":1}',
  );
  for (const line of bad) {
    const read = readRequest(line);
    assert.equal(read.ok, false, line);
    assert.ok(!read.ok && read.reason.length > 10);
  }
});

test('what is not a reply is not taken for one', () => {
  for (const line of ['', '{}', '{"ok":1}', '{"ok":false}', '{"ok":true,"status":{}}', '{"ok":true,"status":{"node":"n1"}}']) {
    assert.equal(readReply(line), undefined, line);
  }
});

test('lines come out whole wherever the stream is cut', () => {
  const bytes = Buffer.from('ab\nçd\n\nxyz\n');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const splitter = new LineSplitter(100);
    const lines = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
    assert.deepEqual(lines, ['ab', 'çd', '', 'xyz']);
  }
});

test('a line of the greatest length passes, one byte more does not', () => {
  const splitter = new LineSplitter(10);
  assert.deepEqual(splitter.push(Buffer.from('0123456789\n')), ['0123456789']);
  assert.deepEqual(splitter.push(Buffer.from('0123456789a')), []);
  assert.equal(splitter.tooLong, true);
});

test('a request gets its answer, in any pieces, several on one connection', async () => {
  const seen: CommandRequest[] = [];
  const handler: Handler = (request, answer) => {
    seen.push(request);
    setImmediate(answer, request.name === 'takeover' ? { ok: false, reason: 'in flux' } : { ok: true });
  };
  await withServer(handler, {}, async (file) => {
    const text = '{"op":"standby","set":"foreign"}\n{"op":"takeover","set":"all"}\n';
    for (const pieces of [[text], [...text], [text.slice(0, 40), text.slice(40)]]) {
      seen.length = 0;
      assert.equal(await talk(file, pieces), '{"ok":true}\n{"ok":false,"reason":"in flux"}\n');
      assert.deepEqual(seen, [
        { name: 'standby', set: 'foreign' },
        { name: 'takeover', set: 'all' },
      ]);
    }
    assert.deepEqual(await askDaemon(file, { name: 'takeover', set: 'all' }, 2000), { ok: false, reason: 'in flux' });
  });
});

test('garbage gets one answer and the line is cut', async () => {
  await withServer(yes, {}, async (file) => {
    assert.match(
      await talk(file, ['GET / HTTP/1.0\n', '{"op":"status"}\n'], false),
      /^\{"ok":false,"reason":"a request is one JSON object[^\n]*\n$/,
    );
    assert.match(await talk(file, [Buffer.from([0xff, 0xfe, 10])], false), /^\{"ok":false/);
  });
});

test('a line without an end is cut off at its limit', async () => {
  await withServer(yes, {}, async (file, server) => {
    const answer = await talk(file, [Buffer.alloc(REQUEST_BYTES_MAX, 32), Buffer.alloc(REQUEST_BYTES_MAX, 32)], false);
    assert.match(answer, /at most 65536 bytes/);
    await allGone(server);
  });
});

test('a silent client and one that dribbles are closed', async () => {
  await withServer(yes, { clientMs: 30 }, async (file, server) => {
    assert.equal(await talk(file, [], false), '');
    assert.equal(await talk(file, ['{"op'], false), '');
    await allGone(server);
  });
});

test('a client that does not read its answers is closed, and holds one answer at most', async () => {
  let asked = 0;
  const big = { ok: false, reason: 'x'.repeat(1 << 20) } as const;
  const handler: Handler = (_request, answer) => {
    asked += 1;
    answer(big);
  };
  await withServer(handler, { clientMs: 50 }, async (file, server) => {
    const socket = net.createConnection(file);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('{"op":"status"}\n'.repeat(20));
    for (const until = Date.now() + 5000; asked === 0 && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 2));
    await allGone(server);
    assert.equal(asked, 1);
    socket.destroy();
  });
});

test('more clients than the limit are turned away, the others go on', async () => {
  await withServer(yes, { clientsMax: 2, clientMs: 5000 }, async (file) => {
    const held = [net.createConnection(file), net.createConnection(file)];
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await assert.rejects(askDaemon(file, { name: 'status' }, 2000), ControlError);
    for (const socket of held) socket.destroy();
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    let result: CommandResult | undefined;
    for (let tries = 0; tries < 50 && result === undefined; tries += 1)
      result = await askDaemon(file, { name: 'status' }, 2000).catch(() => undefined);
    assert.deepEqual(result, { ok: true });
  });
});

test('an engine that never answers, or answers twice, does no harm', async () => {
  await withServer(
    () => undefined,
    { answerMs: 20 },
    async (file) => {
      assert.deepEqual(await askDaemon(file, { name: 'status' }, 2000), { ok: false, reason: 'the daemon gave no answer in time' });
    },
  );
  const twice: Handler = (_request, answer) => {
    answer({ ok: true });
    answer({ ok: false, reason: 'again' });
  };
  await withServer(twice, {}, async (file) => {
    assert.equal(await talk(file, ['{"op":"status"}\n']), '{"ok":true}\n');
  });
});

test('the caller learns at once that nobody is there, and in time that nobody answers', async () => {
  const failure = async (file: string, limitMs: number): Promise<string> => {
    try {
      await askDaemon(file, { name: 'status' }, limitMs);
      return 'answered';
    } catch (error) {
      return error instanceof ControlError ? error.failure : String(error);
    }
  };
  assert.equal(await failure(path.join(folder, 'nothing'), 60_000), 'notRunning');
  await withServer(
    () => undefined,
    {},
    async (file) => assert.equal(await failure(file, 20), 'timeout'),
  );
  const liar = path.join(folder, 'liar');
  const server = net.createServer((socket) => socket.end('hello\n')).listen(liar);
  await new Promise((resolve) => server.once('listening', resolve));
  assert.equal(await failure(liar, 2000), 'broken');
  server.close();
});

test('the socket is closed to others, an abandoned one is replaced, any other file is left alone', async () => {
  await withServer(yes, {}, async (file) => {
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  });
  const file = path.join(folder, 'left', 'control');
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, 'mine');
  const fault = await new Promise((resolve) => openControl({ path: file, place: controlPlace('/nowhere'), onRequest: yes }, resolve));
  assert.ok(fault);
  assert.equal(fs.readFileSync(file, 'utf8'), 'mine');
});

test('the group comes from the table', () => {
  const table = path.join(folder, 'group');
  fs.writeFileSync(table, 'root:x:0:\nhaclient:x:117:\nhaclient2:x:9:\n');
  assert.equal(findId('haclient', table), 117);
  assert.equal(findId('nosuch', table), undefined);
  assert.equal(findId('haclient', '/nowhere'), undefined);
});

test('no rights are changed by name: whoever owns the folder could have put a link there', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-place-'));
  const table = path.join(folder, 'group');
  fs.writeFileSync(table, 'haclient:x:899:\n');
  const precious = path.join(folder, 'precious');
  fs.writeFileSync(precious, '', { mode: 0o600 });
  const link = path.join(folder, 'link');
  fs.symlinkSync(precious, link);
  for (const place of [controlPlace(table), registerPlace()]) {
    place.protect(link);
    const { mode, gid } = fs.statSync(precious);
    assert.deepEqual([mode & 0o777, gid], [0o600, 0]);
    place.guarded(() => fs.writeFileSync(path.join(folder, 'born'), '', { mode: 0o777 }));
  }
  fs.rmSync(folder, { recursive: true });
});
