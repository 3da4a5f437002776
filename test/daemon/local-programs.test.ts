import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { bytesToText } from '../../src/base/bytes.ts';
import { LocalPrograms } from '../../src/daemon/local-programs.ts';
import type { Log } from '../../src/daemon/log.ts';

test('FIFO: half a packet waits for its rest however long the daemon is busy before it reads on', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-local-'));
  let clockMs = 0;
  t.mock.method(performance, 'now', () => clockMs);
  const said: string[] = [];
  const packets: string[] = [];
  const log = { line: (_: string, text: string) => said.push(text), note: () => undefined } as unknown as Log;
  const fifo = path.join(folder, 'fifo');
  const local = new LocalPrograms({ registerSocket: path.join(folder, 'run', 'register'), fifo }, log, () => ({
    localMessage(bytes) {
      packets.push(bytesToText(bytes));
      // A crowd of clients had its turns before this one.
      clockMs += 60_000;
      if (packets.length === 1) setTimeout(() => fs.writeFileSync(fifo, 'info=me\n<<<\n'), 20);
    },
    clientConnected: () => undefined,
    clientMessage: () => undefined,
    clientGone: () => undefined,
  }));
  local.open();
  try {
    fs.writeFileSync(fifo, '>>>\nt=one\n<<<\n>>>\nt=two\n');
    for (let tries = 0; tries < 500 && packets.length < 2; tries += 1) await new Promise((resolve) => setTimeout(resolve, 4));
    assert.deepEqual(packets, ['>>>\nt=one\n<<<\n', '>>>\nt=two\ninfo=me\n<<<\n'], said.join('; '));
  } finally {
    local.close();
    fs.rmSync(folder, { recursive: true });
  }
});
