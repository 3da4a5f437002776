import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import type { ClientCredentials, ClientId } from '../../src/contracts/clients.ts';
import { FrameSplitter, writeFrame } from '../../src/control/frames.ts';
import { Register, type RegisterLimits, type RegisterOptions } from '../../src/control/register.ts';
import { registerPlace } from '../../src/daemon/control-place.ts';
import { peerCredentials, processMark, processOwners } from '../../src/os/peer-credentials.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-register-'));
test.after(() => fs.rmSync(folder, { recursive: true }));
let count = 0;

interface Seen {
  readonly connected: Map<ClientId, ClientCredentials>;
  readonly messages: [ClientId, string][];
  readonly gone: ClientId[];
  readonly refused: string[];
  readonly killed: [number, number][];
}

interface Stand {
  readonly file: string;
  readonly register: Register;
  readonly seen: Seen;
}

type Changes = Partial<Omit<RegisterOptions, 'limits'>> & { readonly limits?: Partial<RegisterLimits> };

async function withRegister(changes: Changes | ((stand: () => Stand) => Changes), run: (stand: Stand) => Promise<void>): Promise<void> {
  count += 1;
  const file = path.join(folder, `run${count}`, 'heartbeat', 'register');
  const seen: Seen = { connected: new Map(), messages: [], gone: [], refused: [], killed: [] };
  const stand = (): Stand => ({ file, register, seen });
  const register: Register = new Register({
    path: file,
    place: registerPlace(),
    credentials: peerCredentials,
    mark: processMark,
    connected: (client, credentials) => void seen.connected.set(client, credentials),
    message: (client, body) => void seen.messages.push([client, Buffer.from(body).toString()]),
    gone: (client) => void seen.gone.push(client),
    refused: (refusal) => void seen.refused.push(refusal),
    kill: (pid, signal) => void seen.killed.push([pid, signal]),
    ...(typeof changes === 'function' ? changes(stand) : changes),
  });
  await new Promise<void>((resolve, reject) =>
    register.open((fault) => (fault === undefined ? resolve() : reject(new Error(fault.detail)))),
  );
  try {
    await run({ file, register, seen });
  } finally {
    register.shut();
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !holds(); ) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface Talker {
  readonly socket: net.Socket;
  readonly bodies: string[];
  closed: boolean;
}

function connect(file: string): Talker {
  const socket = net.createConnection(file);
  const splitter = new FrameSplitter();
  const talker: Talker = { socket, bodies: [], closed: false };
  socket.on('data', (chunk: Uint8Array) => talker.bodies.push(...splitter.push(chunk).map((body) => Buffer.from(body).toString())));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    talker.closed = true;
  });
  return talker;
}

const frame = (text: string): Uint8Array => writeFrame(Buffer.from(text));

test('frames: cut anywhere, they come out whole; a frame is what the captured dialogue shows', () => {
  assert.equal(Buffer.from(writeFrame(Buffer.alloc(0x73))).toString('hex', 0, 8), '73000000cdab0000');
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), fc.integer({ min: 1, max: 30 }), (bodies, size) => {
      const stream = Buffer.concat(bodies.map(writeFrame));
      const splitter = new FrameSplitter(40);
      const out: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) out.push(...splitter.push(stream.subarray(at, at + size)));
      assert.deepEqual(
        out.map((body) => [...body]),
        bodies.map((body) => [...body]),
      );
      assert.ok(!splitter.partial && !splitter.broken);
    }),
  );
});

test('frames: of a chunk that holds many, one is looked at when asked', () => {
  const splitter = new FrameSplitter();
  splitter.add(Buffer.concat([frame('a'), frame(''), frame('bc').subarray(0, 9)]));
  const next = (): string | undefined => {
    const body = splitter.next();
    return body === undefined ? undefined : Buffer.from(body).toString();
  };
  assert.equal(next(), 'a');
  assert.ok(splitter.waiting && !splitter.partial, 'the rest lies as it came');
  assert.equal(next(), '');
  assert.equal(next(), undefined);
  assert.ok(!splitter.waiting && splitter.partial);
  splitter.add(frame('bc').subarray(9));
  splitter.add(frame('d'));
  assert.equal(next(), 'bc');
  splitter.clear();
  assert.equal(next(), undefined);
});

test('frames: a wrong mark, a negative and a too long length break the stream', () => {
  for (const [length, mark] of [
    [1, 0xabce],
    [-1, 0xabcd],
    [41, 0xabcd],
  ] as const) {
    const header = new Uint8Array(Int32Array.of(length, mark).buffer);
    const splitter = new FrameSplitter(40);
    assert.deepEqual(splitter.push(Buffer.concat([header, Buffer.alloc(50)])), []);
    assert.ok(splitter.broken);
    assert.deepEqual(splitter.push(frame('x')), []);
  }
});

test('everybody may connect; the kernel says who it is; messages go in, answers come out, in order', async () => {
  await withRegister(
    (stand) => ({
      message(client, body) {
        stand().seen.messages.push([client, Buffer.from(body).toString()]);
        stand().register.send(client, Buffer.from(`re ${Buffer.from(body)}`));
      },
    }),
    async ({ file, seen }) => {
      assert.equal(fs.statSync(file).mode & 0o777, 0o777);
      const talker = connect(file);
      const words = Array.from({ length: 100 }, (_, at) => `word ${at}`);
      talker.socket.write(Buffer.concat(words.map(frame)));
      await until('all answers', () => talker.bodies.length === words.length);
      assert.deepEqual(
        talker.bodies,
        words.map((word) => `re ${word}`),
      );
      assert.deepEqual([...seen.connected.values()], [{ pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() }]);
      talker.socket.end();
      await until('the client is gone', () => seen.gone.length === 1);
    },
  );
});

test('what a client said before it hung up is heard', async () => {
  await withRegister({}, async ({ file, seen }) => {
    const talker = connect(file);
    talker.socket.end(Buffer.concat(Array.from({ length: 60 }, (_, at) => frame(`${at}`))));
    await until('the client is gone', () => seen.gone.length === 1);
    assert.equal(seen.messages.length, 60);
  });
});

test('a leftover socket file is no obstacle; the file goes at the end; a fault is told', async () => {
  const file = path.join(folder, 'leftover');
  const child = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await new Promise((resolve) => child.on('exit', resolve));
  assert.ok(fs.statSync(file).isSocket());
  await withRegister({ path: file }, async () => {
    const talker = connect(file);
    await until('connected', () => talker.socket.readyState === 'open');
    talker.socket.destroy();
  });
  assert.ok(!fs.existsSync(file));
  fs.writeFileSync(file, 'something of somebody');
  await assert.rejects(
    withRegister({ path: file }, async () => undefined),
    /client socket .*EADDRINUSE/,
  );
});

test('close: the last word arrives, and no `gone` follows', async () => {
  await withRegister(
    (stand) => ({
      message(client) {
        stand().register.send(client, Buffer.from('no'));
        stand().register.close(client);
      },
    }),
    async ({ file, register, seen }) => {
      const talker = connect(file);
      talker.socket.write(Buffer.concat([frame('signon'), frame('more'), frame('more')]));
      await until('hung up', () => talker.closed);
      assert.deepEqual(talker.bodies, ['no']);
      assert.deepEqual([seen.gone, register.size], [[], 0]);
    },
  );
});

test('close: a client that does not take the last word is left after a while', async () => {
  await withRegister({ limits: { closeMs: 50, waitingBytesMax: 10_000_000 } }, async ({ file, register, seen }) => {
    const talker = connect(file);
    talker.socket.pause();
    await until('connected', () => seen.connected.size === 1);
    register.send(1, Buffer.alloc(2_000_000));
    register.close(1);
    const before = Date.now();
    talker.socket.resume();
    await until('hung up', () => talker.closed);
    assert.ok(Date.now() - before < 4000);
  });
});

test('a client that does not read is cut off; the others get everything', async () => {
  await withRegister({ limits: { waitingBytesMax: 100_000 } }, async ({ file, register, seen }) => {
    const [deaf, good] = [connect(file), connect(file)];
    deaf.socket.pause();
    await until('connected', () => seen.connected.size === 2);
    const body = Buffer.alloc(10_000, 'x');
    for (let at = 0; at < 200; at += 1) {
      register.send(1, body);
      register.send(2, body);
      if (at % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (at % 5 === 0) await until('the good one reads', () => good.bodies.length >= at - 5);
    }
    await until('the good one has all', () => good.bodies.length === 200);
    await until('the deaf one is gone', () => seen.gone.length === 1);
    assert.deepEqual([seen.gone, seen.refused], [[1], ['doesNotRead']]);
  });
});

test('thousands of small messages wait as one piece: to cut their reader off costs nothing', async () => {
  await withRegister({ limits: { waitingBytesMax: 10_000_000 } }, async ({ file, register, seen }) => {
    const deaf = connect(file);
    deaf.socket.pause();
    await until('connected', () => seen.connected.size === 1);
    const body = Buffer.alloc(100, 'x');
    for (let turn = 0; turn < 20; turn += 1) {
      for (let at = 0; at < 1000; at += 1) register.send(1, body);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const before = performance.now();
    deaf.socket.destroy();
    await until('gone', () => seen.gone.length === 1);
    assert.ok(performance.now() - before < 200, `${performance.now() - before} ms`);
  });
});

test('a client that asks and does not read its answers is held up, and takes no memory', async () => {
  let heard = 0;
  await withRegister(
    (stand) => ({
      message(client) {
        heard += 1;
        stand().register.send(client, Buffer.alloc(1000));
      },
    }),
    async ({ file, seen }) => {
      const talker = connect(file);
      talker.socket.pause();
      let written = 0;
      const more = (): void => {
        while (written < 20_000 && talker.socket.write(Buffer.concat([frame('a'), frame('b')]))) written += 1;
      };
      talker.socket.on('drain', more);
      more();
      let before = -1;
      await until('it is held up', () => {
        const same = heard === before && heard > 10;
        before = heard;
        return same;
      });
      assert.ok(heard < 3000, `${heard} answers in memory or in the kernel`);
      assert.deepEqual([seen.refused, seen.gone], [[], []]);
      talker.socket.resume();
      await until('it goes on', () => heard > before + 1000);
      talker.socket.destroy();
    },
  );
});

test('silent clients and half frames: time is bounded where that is harmless', async () => {
  await withRegister({ limits: { frameMs: 100 } }, async ({ file, seen }) => {
    const [silent, half, quiet] = [connect(file), connect(file), connect(file)];
    half.socket.write(frame('hello').subarray(0, 10));
    quiet.socket.write(frame('signon'));
    await until('two are cut off', () => silent.closed && half.closed);
    assert.ok(!quiet.closed, 'a client that is signed on may be silent for ever');
    assert.deepEqual(seen.refused, ['tooSlow', 'tooSlow']);
    quiet.socket.write(frame('hello').subarray(0, 10));
    await until('half a frame later on', () => quiet.closed);
  });
});

test('what is no frame ends the connection, after the frames before it', async () => {
  await withRegister({}, async ({ file, seen }) => {
    const talker = connect(file);
    talker.socket.write(Buffer.concat([frame('good'), Buffer.from('GET / HTTP/1.0\r\n\r\n')]));
    await until('hung up', () => talker.closed);
    assert.deepEqual(
      seen.messages.map(([, text]) => text),
      ['good'],
    );
    await until('gone', () => seen.gone.length === 1);
  });
});

test('one user does not take all places, root has always one; a peer whom nobody knows is turned away', async () => {
  let uid = 1000;
  const credentials = (): ClientCredentials | undefined => (uid < 0 ? undefined : { pid: 1, uid, gid: 1 });
  await withRegister({ credentials, limits: { clientsPerUserMax: 2 } }, async ({ file, seen }) => {
    const add = async (): Promise<Talker> => {
      const before = seen.connected.size + seen.refused.length;
      const talker = connect(file);
      await until('looked at', () => seen.connected.size + seen.refused.length === before + 1);
      return talker;
    };
    const talkers = [await add(), await add(), await add()];
    assert.deepEqual(seen.refused, ['tooMany']);
    uid = 1001;
    talkers.push(await add());
    uid = 0;
    for (let more = 0; more < 4; more += 1) talkers.push(await add());
    assert.deepEqual(seen.refused, ['tooMany']);
    uid = -1;
    talkers.push(await add());
    assert.deepEqual(seen.refused, ['tooMany', 'unknownPeer']);
    for (const { socket } of talkers) socket.destroy();
  });
});

test('users together do not take all places: root comes in, and a user who has less than another', async () => {
  let uid = 1000;
  const credentials = (): ClientCredentials => ({ pid: 1, uid, gid: 1 });
  await withRegister({ credentials, limits: { clientsPerUserMax: 2, clientsOfUsersMax: 3, clientsMax: 5 } }, async ({ file, seen }) => {
    const talkers: Talker[] = [];
    for (uid of [1000, 1000, 1001, 0]) {
      talkers.push(connect(file));
      await until('let in', () => seen.connected.size === talkers.length);
    }
    assert.deepEqual(seen.refused, []);
    uid = 1001;
    talkers.push(connect(file));
    await until('refused', () => seen.refused.length === 1);
    assert.equal(seen.connected.size, 4);
    uid = 1002;
    talkers.push(connect(file));
    await until('let in', () => seen.connected.size === 5);
    await until('the newest of who had two gives way', () => seen.gone.length === 1);
    assert.deepEqual(seen.gone, [2]);
    for (const { socket } of talkers) socket.destroy();
  });
});

test('who was let go and does not hang up still has a place', async () => {
  const credentials = (): ClientCredentials => ({ pid: 1, uid: 1000, gid: 1 });
  const limits = { clientsPerUserMax: 2, closeMs: 300 };
  await withRegister(
    (stand) => ({ credentials, limits, message: (id) => stand().register.close(id) }),
    async ({ file, seen }) => {
      const talkers: Talker[] = [];
      const add = async (): Promise<void> => {
        const before = seen.connected.size + seen.refused.length;
        const talker = connect(file);
        // Its end of the connection stays open.
        talker.socket.allowHalfOpen = true;
        talker.socket.write(frame('bye'));
        talkers.push(talker);
        await until('looked at', () => seen.connected.size + seen.refused.length === before + 1);
      };
      for (let count = 0; count < 3; count += 1) await add();
      assert.deepEqual(seen.refused, ['tooMany']);
      await new Promise((resolve) => setTimeout(resolve, 400));
      // Who is gone before we have read its good-bye leaves no place taken.
      for (let count = 0; count < 4; count += 1) {
        await add();
        talkers.at(-1)?.socket.destroy();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.deepEqual(seen.refused, ['tooMany']);
      for (const { socket } of talkers) socket.destroy();
    },
  );
});

test("a signal of a user goes to a process that is still the user's, one of root to any", async () => {
  let owners: readonly number[] = [1000];
  let uid = 1000;
  const credentials = (): ClientCredentials => ({ pid: 77, uid, gid: 1 });
  await withRegister({ credentials, mark: () => 'a', owners: () => owners }, async ({ file, register, seen }) => {
    const talker = connect(file);
    await until('connected', () => seen.connected.size === 1);
    register.signal(77, 9);
    // It has become another program, one that runs as root.
    owners = [0];
    register.signal(77, 9);
    assert.equal(seen.killed.length, 1);
    talker.socket.destroy();
    await until('gone', () => seen.gone.length === 1);
    uid = 0;
    owners = [899];
    const daemon = connect(file);
    await until('connected', () => seen.connected.size === 2);
    register.signal(77, 9);
    assert.equal(seen.killed.length, 2);
    daemon.socket.destroy();
  });
});

test('the owners of a process are those whom the kernel would let signal it', () => {
  assert.deepEqual(processOwners(process.pid), [process.getuid?.(), process.getuid?.()]);
  assert.deepEqual(processOwners(0), []);
  assert.deepEqual(processOwners(2 ** 30), []);
});

test('what all are told is framed once', async () => {
  await withRegister({}, async ({ file, register, seen }) => {
    const talkers = [connect(file), connect(file)];
    await until('connected', () => seen.connected.size === 2);
    const [one, two] = [Buffer.from('to all'), Buffer.from('to one')];
    const [first = 0, second = 0] = seen.connected.keys();
    register.send(first, one);
    register.send(second, one);
    register.send(second, two);
    await until('told', () => talkers.reduce((sum, { bodies }) => sum + bodies.length, 0) === 3);
    assert.deepEqual(talkers.map(({ bodies }) => bodies.join()).toSorted(), ['to all', 'to all,to one']);
    for (const { socket } of talkers) socket.destroy();
  });
});

test('a signal goes only to a process that is connected, and still the same', async () => {
  let mark: string | undefined = 'a';
  await withRegister({ mark: () => mark }, async ({ file, register, seen }) => {
    const talker = connect(file);
    await until('connected', () => seen.connected.size === 1);
    register.signal(process.pid, 10);
    for (const [pid, signal] of [
      [process.pid + 1, 10],
      [0, 10],
      [-1, 10],
      [1, 10],
      [process.pid, 0],
      [process.pid, 65],
      [process.pid, 1.5],
    ] as const)
      register.signal(pid, signal);
    mark = 'b';
    register.signal(process.pid, 10);
    assert.deepEqual(seen.killed, [[process.pid, 10]]);
    talker.socket.destroy();
    await until('gone', () => seen.gone.length === 1);
    mark = 'a';
    register.signal(process.pid, 10);
    assert.equal(seen.killed.length, 1);
  });
});

test('a flood of one client leaves room for timers and for another client', async () => {
  const busyMs = 1;
  await withRegister(
    {
      message() {
        for (const end = performance.now() + busyMs; performance.now() < end; );
      },
    },
    async ({ file, seen }) => {
      const flood = connect(file);
      flood.socket.write(Buffer.concat(Array.from({ length: 2000 }, () => frame('x'))));
      let worstMs = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        worstMs = Math.max(worstMs, performance.now() - last);
        last = performance.now();
      }, 1);
      await new Promise((resolve) => setTimeout(resolve, 300));
      clearInterval(timer);
      assert.ok(worstMs < 150, `the loop stood still for ${worstMs} ms`);
      assert.equal(seen.gone.length, 0);
      flood.socket.destroy();
    },
  );
});

test('bytes of any kind: nothing is thrown, and the next client is served', async () => {
  await withRegister({}, async ({ file, seen }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.constant(frame('ok'))), { maxLength: 8 }), async (pieces) => {
        const talker = connect(file);
        talker.socket.end(Buffer.concat(pieces));
        await until('closed', () => talker.closed);
      }),
      { numRuns: 100 },
    );
    const before = seen.messages.length;
    const talker = connect(file);
    talker.socket.end(frame('last'));
    await until('heard', () => seen.messages.length > before && seen.messages.at(-1)?.[1] === 'last');
  });
});
