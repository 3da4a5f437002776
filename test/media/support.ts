import { createSocket } from 'node:dgram';
import type { Fault } from '../../src/contracts/basics.ts';
import type { MediumSpec } from '../../src/contracts/config.ts';
import type { MediumContext } from '../../src/contracts/media.ts';

export const at = { file: 'ha.cf', line: 1 };

export function context(udpport: number): MediumContext {
  return { udpport, hasInterface: (name) => name === 'lo' || name === 'eth1' };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createSocket('udp4');
  await new Promise<void>((bound) => probe.bind(0, '127.0.0.1', bound));
  const { port } = probe.address();
  await new Promise<void>((closed) => probe.close(() => closed()));
  return port;
}

/** A sink that records and lets a test wait for what it records. */
export function recorder() {
  const news: string[] = [];
  const faults: Fault[] = [];
  const frames: { text: string; from: string; length: number }[] = [];
  const waiting: { holds: () => boolean; go: () => void }[] = [];
  const changed = () => {
    for (const wait of [...waiting]) {
      if (!wait.holds()) continue;
      waiting.splice(waiting.indexOf(wait), 1);
      wait.go();
    }
  };
  return {
    news,
    faults,
    frames,
    sink: {
      opened() {
        news.push('opened');
        changed();
      },
      failed(fault: Fault) {
        news.push(`failed ${fault.code}`);
        faults.push(fault);
        changed();
      },
      frame(bytes: Uint8Array, from: string) {
        frames.push({ text: Buffer.from(bytes.subarray(0, 100)).toString('latin1'), from, length: bytes.length });
        changed();
      },
    },
    until(what: string, holds: () => boolean, limitMs = 5000): Promise<void> {
      if (holds()) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`waited in vain for ${what}; news: ${news.join(', ')}`)), limitMs).unref();
        waiting.push({
          holds,
          go() {
            clearTimeout(limit);
            resolve();
          },
        });
      });
    },
  };
}

export function loopbackSpec(kind: string, port: number): MediumSpec {
  const common = { kind, link: 'lo', device: 'lo', port };
  if (kind === 'bcast') return { ...common, id: 'bcast lo' };
  if (kind === 'ucast') return { ...common, id: 'ucast lo 127.0.0.1', address: '127.0.0.1' };
  return { ...common, id: 'mcast lo', address: '225.0.0.1', ttl: 1, loop: true };
}
