import { constants } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { addressOf } from '../base/address.ts';
import type { Fault } from '../contracts/basics.ts';
import type { Resource } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';
import type { Journal } from '../contracts/host.ts';
import { thrownFault } from './errno.ts';
import { JOURNAL_HEAD } from './journal-reader.ts';
import { systemText } from './text.ts';

/** A file system that takes longer is none in memory: nothing waits for it. */
const WRITE_LIMIT_MS = 500;

export interface JournalOptions {
  readonly file: string;
  /** Of this boot of the machine: what it has started is gone with it. */
  readonly bootId: string;
  /** The file that a resource name stands for, now. */
  find(script: string): string | undefined;
  /** What resource scripts get. */
  environment(): Readonly<Record<string, string>>;
  failed(fault: Fault): void;
}

export interface JournalFile extends Journal {
  /** A next life is to stop, as this one was asked to. */
  stopAsked(): void;
  /** A clean end, with nothing left running. */
  remove(): Promise<void>;
}

/**
 * The journal in the run folder, which is memory: written anew at each change, renamed into its place, never flushed and never
 * waited for by the loop. One line per resource, in the order of their starts, with the very command that stops it, so that a
 * shell can carry it out; beside it what a next life wants to know, as JSON.
 *
 *     heartbeatd-journal 1 BOOT
 *     env       export 'HA_DIR=/etc/ha.d/' ...
 *     held      local
 *     group     {"key":...}
 *     address   '/etc/ha.d/resource.d/IPaddr' '10.0.0.1' stop     "IPaddr::10.0.0.1"
 *     resource  '/etc/init.d/httpd' stop                          "httpd"
 *
 * with a tab between two words of a line.
 */
export function createJournal(options: JournalOptions): JournalFile {
  const lines = new Map<string, string>();
  let held: HeldResources = { set: 'none', running: [], words: [] };
  let stopping = false;
  let removed = false;
  let writing: Promise<void> | undefined;
  let waiting: (() => void)[] = [];

  /** Its command stays what it was at its start, also when its script lies elsewhere by now. */
  function lineOf(group: string, resource: Resource, kept: Map<string, string>): string {
    const key = `${group}\0${resource.word}`;
    const line = lines.get(key) ?? newLine(resource);
    kept.set(key, line);
    return line;
  }

  function newLine(resource: Resource): string {
    const path = options.find(systemText(resource.script));
    const kind = path === undefined ? 'lost' : addressOf(resource) === undefined ? 'resource' : 'address';
    const command = [path ?? resource.script, ...resource.args.map(systemText), 'stop'].map(quoted).join(' ');
    return `${kind}\t${command}\t${JSON.stringify(resource.word)}`;
  }

  function text(): string {
    const kept = new Map<string, string>();
    const groups = held.running.flatMap((group, at) => {
      const up = group.resources.filter(({ word }) => held.words?.[at]?.includes(word) ?? true);
      return [`group\t${JSON.stringify(group)}`, ...up.map((resource) => lineOf(group.id, resource, kept))];
    });
    lines.clear();
    for (const [key, line] of kept) lines.set(key, line);
    const head = [`${JOURNAL_HEAD} ${options.bootId}`, `env\t${exports(options.environment())}`, `held\t${held.set}`];
    return `${[...head, ...(stopping ? ['stop'] : []), ...groups].filter((line) => !/[\n\0]/.test(line)).join('\n')}\n`;
  }

  async function write(): Promise<void> {
    const temporary = `${options.file}.new`;
    try {
      if (removed) {
        await unlink(options.file);
        return;
      }
      await unlink(temporary).catch(() => undefined);
      const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
      try {
        await handle.writeFile(text());
      } finally {
        await handle.close();
      }
      await rename(temporary, options.file);
    } catch (error) {
      if (!removed) options.failed(thrownFault(options.file, error));
    }
  }

  function next(): void {
    if (writing !== undefined) return;
    const told = waiting;
    waiting = [];
    writing = write().then(() => {
      writing = undefined;
      for (const done of told) done();
      if (waiting.length > 0) next();
    });
  }

  /** Told once, at the latest after a while: a start does not wait for a disk. */
  function queue(done: () => void): void {
    const limit = setTimeout(() => {
      options.failed({ code: 'slow', detail: `${options.file}: no answer for ${WRITE_LIMIT_MS} ms` });
      once();
    }, WRITE_LIMIT_MS).unref();
    let told = false;
    const once = (): void => {
      clearTimeout(limit);
      if (!told) done();
      told = true;
    };
    waiting.push(once);
    next();
  }

  return {
    keep(next, done) {
      held = next;
      queue(done);
    },
    stopAsked() {
      stopping = true;
      queue(() => undefined);
    },
    remove() {
      removed = true;
      return new Promise((resolve) => queue(resolve));
    },
  };
}

/** For a shell. Tabs part the words of a line; the guardian has one in `tab`. */
function quoted(word: string): string {
  if (/^[\w/.:@%+,=-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''").replaceAll('\t', `'"$tab"'`)}'`;
}

/** What a script gets more than the guardian has, which started us. There is no daemon behind HA_LOGFD any more. */
function exports(environment: Readonly<Record<string, string>>): string {
  const own = process.env;
  const gone = ['HA_LOGFD', ...Object.keys(own)].filter((name) => isName(name) && (environment[name] === undefined || name === 'HA_LOGFD'));
  const set = Object.entries(environment).filter(
    ([name, value]) => isName(name) && name !== 'HA_LOGFD' && own[name] !== value && !/[\n\0]/.test(value),
  );
  const words = set.map(([name, value]) => ` ${name}=${quoted(value)}`);
  return `unset ${gone.join(' ')}; export${words.join('')}`;
}

const isName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name);
