import { constants, readFileSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Fault } from '../contracts/basics.ts';
import type { DurableRecord, Store } from '../contracts/host.ts';
import { thrownFault } from './errno.ts';

/** The two files that survive a restart (wire-protocol 9). */
export interface StorePaths {
  readonly generation: string;
  readonly uuid: string;
}

export type Found<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken'; readonly fault: Fault };

export interface FoundRecord {
  readonly generation: Found<number>;
  readonly uuid: Found<Uint8Array>;
}

const GENERATION_COLUMNS = 15;
const UUID_BYTES = 16;
/** The wire carries generations as 32 bits. */
const GENERATION_MAX = 0xffff_ffff;
const SMALL_FILE_BYTES = 4096;
const SLOW_MS = 5000;

export function generationText(generation: number): string {
  return `${String(generation).padStart(GENERATION_COLUMNS)}\n`;
}

/** What the last life left behind. Reads two small files; meant for the start. */
export function readRecord(paths: StorePaths): FoundRecord {
  return {
    generation: read(paths.generation, (bytes) => {
      const text = bytes.toString('latin1').trim();
      const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
      return value <= GENERATION_MAX ? value : undefined;
    }),
    uuid: read(paths.uuid, (bytes) =>
      bytes.length === UUID_BYTES && bytes.some((byte) => byte !== 0) ? Uint8Array.from(bytes) : undefined,
    ),
  };
}

function read<Value>(file: string, parse: (bytes: Buffer) => Value | undefined): Found<Value> {
  try {
    const bytes = readFileSync(file);
    const value = bytes.length <= SMALL_FILE_BYTES ? parse(bytes) : undefined;
    return value === undefined
      ? { kind: 'broken', fault: { code: 'badForm', detail: `${file}: not in the form it should have` } }
      : { kind: 'found', value };
  } catch (error) {
    const fault = thrownFault(file, error);
    return fault.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'broken', fault };
  }
}

/** The generation of this life: one more than the last, or one more than the time when no last one is known. */
export function nextGeneration(found: Found<number>, unixSeconds: number): number {
  return found.kind === 'found' ? found.value + 1 : unixSeconds + 1;
}

export interface DiskStore extends Store {
  /** A save is under way: on a disk that stands still an orderly exit of the process would wait for its thread. */
  busy(): boolean;
}

/**
 * Saves by temporary file, flush, rename and flush of the folder, off the loop. Saves run one after another in
 * the order they were asked for. A uuid that is already on the disk is not written again. `slow` is called once for a
 * save that the disk keeps waiting for. A file without a path is left as it is (`hbgenmethod time`, `uuidfrom nodename`).
 */
export function createStore(paths: Partial<StorePaths>, uuidOnDisk?: Uint8Array, slow?: () => void): DiskStore {
  let queue: Promise<void> = Promise.resolve();
  let underWay = 0;
  let knownUuid = uuidOnDisk;

  async function write(record: DurableRecord): Promise<Fault | undefined> {
    if (paths.uuid !== undefined && (knownUuid === undefined || Buffer.compare(knownUuid, record.uuid) !== 0)) {
      const fault = await replaceFile(paths.uuid, record.uuid);
      if (fault !== undefined) return fault;
      knownUuid = Uint8Array.from(record.uuid);
    }
    if (paths.generation === undefined) return undefined;
    return replaceFile(paths.generation, Buffer.from(generationText(record.generation)));
  }

  return {
    save(record, done) {
      underWay += 1;
      const tell = setTimeout(() => slow?.(), SLOW_MS).unref();
      queue = queue.then(async () => {
        const fault = await write(record);
        underWay -= 1;
        clearTimeout(tell);
        done(fault);
      });
    },
    busy: () => underWay > 0,
  };
}

/** By temporary file, flush, rename and flush of the folder. */
export async function replaceFile(file: string, bytes: Uint8Array): Promise<Fault | undefined> {
  const temporary = `${file}.new`;
  try {
    // The folder may be another user's: what lies there under this name is not ours, and no link is followed.
    await unlink(temporary).catch(() => {});
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await flushFolder(dirname(file));
    return undefined;
  } catch (error) {
    await unlink(temporary).catch(() => {});
    return thrownFault(file, error);
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
