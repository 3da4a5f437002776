/** A daemon's end of the client socket that answers from a table, in the words of 3.0.6 (wire-protocol 10.3). */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { FrameSplitter, writeFrame } from '../../src/control/frames.ts';
import { Message } from '../../src/protocol/message.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';

export type Row = Readonly<Record<string, string>>;

/** The rows of an answer, the `info` of a refusal, or messages to be sent as they are. */
export type Reply = readonly Row[] | string | { readonly raw: readonly Row[] } | undefined;

export interface FakeRegister {
  readonly path: string;
  /** Every request so far. */
  readonly asked: Row[];
  close(): void;
}

export async function fakeRegister(answer: (request: Row) => Reply): Promise<FakeRegister> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-fake-register-'));
  fs.mkdirSync(path.join(folder, 'heartbeat'));
  const file = path.join(folder, 'heartbeat', 'register');
  const asked: Row[] = [];
  const server = net.createServer((socket) => {
    const splitter = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Uint8Array) => {
      for (const body of splitter.push(chunk)) {
        const request = Object.fromEntries((readPlain(body)?.fields ?? []).map(({ name, value }) => [name, value]));
        asked.push(request);
        for (const row of rowsOf(request.reqtype ?? '', answer(request)))
          socket.write(writeFrame(writePlain(Message.of(...Object.entries(row)), 'classic')));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(file, resolve));
  return {
    path: file,
    asked,
    close() {
      server.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

function rowsOf(reqtype: string, reply: Reply): readonly Row[] {
  const head = { t: 'hbapi-resp', reqtype };
  if (reply === undefined) return [];
  if (typeof reply === 'string') return [{ ...head, result: 'badreq', info: reply }];
  if ('raw' in reply) return reply.raw;
  return reply.map((row, at) => ({ ...head, ...row, result: at === reply.length - 1 ? 'OK' : 'ok/more' }));
}
