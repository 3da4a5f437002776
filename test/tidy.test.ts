/** The house rules that a machine can check: who imports whom, what pure code may not name, and what must not lie around. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Who may import whom. A room is a folder of src/; `daemon/driver` is a room of its own, since simulation runs it.
 * `node`: built-in modules ('*': all of them). `packages`: what npm brings.
 */
interface Room {
  readonly rooms: readonly string[];
  readonly node?: readonly string[];
  readonly packages?: readonly string[];
}
const layers: Readonly<Record<string, Room>> = {
  contracts: { rooms: [] },
  base: { rooms: ['contracts'] },
  protocol: { rooms: ['base', 'contracts', 'protocol/auth'] },
  'protocol/auth': { rooms: ['base', 'contracts', 'protocol'], node: ['crypto'] },
  cluster: { rooms: ['base', 'contracts', 'protocol'] },
  resources: { rooms: ['base', 'contracts', 'protocol'] },
  clients: { rooms: ['base', 'contracts', 'protocol'] },
  engine: { rooms: ['base', 'contracts', 'protocol', 'cluster', 'resources', 'clients'] },
  config: { rooms: ['base', 'contracts'], packages: ['ajv'] },
  // node:net here only tells addresses from names.
  media: { rooms: ['base', 'contracts', 'os'], node: ['dgram', 'net'] },
  os: { rooms: ['base', 'contracts'], node: ['*'], packages: ['execa', 'koffi', 'node-cron'] },
  control: { rooms: ['base', 'contracts', 'protocol'], node: ['net', 'fs', 'path'], packages: ['ajv'] },
  'daemon/driver': { rooms: ['base', 'contracts', 'engine'] },
  daemon: {
    rooms: [
      'base',
      'contracts',
      'protocol',
      'protocol/auth',
      'cluster',
      'resources',
      'clients',
      'engine',
      'config',
      'media',
      'os',
      'control',
      'daemon/driver',
    ],
    node: ['*'],
    packages: ['pino'],
  },
  cli: { rooms: ['base', 'contracts', 'config', 'control', 'protocol/auth', 'media'], node: ['*'], packages: ['commander'] },
  // One file per program: reads the arguments' rest of the world together and sets the exit status.
  bin: { rooms: ['base', 'contracts', 'config', 'control', 'daemon', 'cli', 'os', 'media', 'protocol/auth'], node: ['*'] },
};
const pure = ['contracts', 'base', 'protocol', 'cluster', 'resources', 'clients', 'engine', 'daemon/driver'];

function walk(folder: string, keep: (name: string) => boolean): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'vectors', 'generated', '.cache', '.git'].includes(entry.name) ? [] : walk(name, keep);
    return entry.isFile() && keep(name) ? [name] : [];
  });
}

const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const sources = walk('src', (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));

function roomOf(name: string): string {
  const inside = name.replace(/^src\//, '');
  if (inside === 'daemon/driver.ts') return 'daemon/driver';
  if (inside.startsWith('protocol/auth/')) return 'protocol/auth';
  return inside.split('/')[0] ?? '';
}

/** Blanks comments and the contents of strings, keeping line numbers; good enough for looking for identifiers. */
function codeOnly(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (part) => part.replace(/[^\n]/g, ' '));
}

function importsOf(text: string): string[] {
  const found = text.matchAll(
    /^(?:import|export)\s[^;'"]*?from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|\brequire\(\s*'([^']+)'\s*\)/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
}

/** The rule that an import breaks, or undefined. */
export function brokenRule(file: string, specifier: string): string | undefined {
  const room = layers[roomOf(file)];
  if (room === undefined) return `${file}: the folder is not in the table of rooms`;
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    if (!target.startsWith('src/')) return `${file}: imports ${specifier}, outside of src`;
    const to = roomOf(target);
    return to === roomOf(file) || room.rooms.includes(to) ? undefined : `${file}: ${roomOf(file)} may not import ${to} (${specifier})`;
  }
  const builtin = specifier.startsWith('node:');
  const name = builtin ? specifier.slice(5) : specifier.split('/')[0];
  const allowed = (builtin ? room.node : room.packages) ?? [];
  return allowed.includes('*') || allowed.includes(name ?? '') ? undefined : `${file}: ${roomOf(file)} may not import ${specifier}`;
}

test('the table of rooms catches what it should', () => {
  assert.equal(brokenRule('src/engine/engine.ts', '../base/assert.ts'), undefined);
  assert.match(brokenRule('src/engine/engine.ts', '../os/clock.ts') ?? '', /engine may not import os/);
  assert.match(brokenRule('src/cluster/node.ts', '../resources/group.ts') ?? '', /cluster may not import resources/);
  assert.match(brokenRule('src/base/bytes.ts', 'node:fs') ?? '', /base may not import node:fs/);
  assert.match(brokenRule('src/daemon/driver.ts', 'node:net') ?? '', /may not import/);
  assert.equal(brokenRule('src/daemon/log.ts', 'pino'), undefined);
  assert.match(brokenRule('src/cli/x.ts', 'execa') ?? '', /may not import execa/);
});

test('every import follows the table of rooms', () => {
  assert.ok(sources.length > 0);
  const broken = sources.flatMap((file) => importsOf(read(file)).map((specifier) => brokenRule(file, specifier)));
  assert.deepEqual(
    broken.filter((rule) => rule !== undefined),
    [],
  );
});

test('contracts are types only', () => {
  for (const file of sources.filter((name) => name.startsWith('src/contracts/'))) {
    const values = codeOnly(read(file)).match(/^\s*(?:export\s+)?(?:const|let|var|function|class|enum)\b.*$/gm) ?? [];
    assert.deepEqual(values, [], `${file} holds more than types`);
  }
});

test('pure folders name no clock, no randomness, no timers and no process', () => {
  const banned =
    /\b(?:Date\s*\.\s*now|new\s+Date|Date\s*\(|Math\s*\.\s*random|setTimeout|setInterval|setImmediate|queueMicrotask|performance|process\s*\.|Buffer|require\s*\(|globalThis|async|await)\b/;
  const found = sources
    .filter((file) => pure.includes(roomOf(file)))
    .flatMap((file) =>
      codeOnly(read(file))
        .split('\n')
        .map((line, index) => (banned.test(line) ? `${file}:${index + 1}: ${line.trim()}` : undefined)),
    );
  assert.deepEqual(
    found.filter((line) => line !== undefined),
    [],
  );
});

test('no file of the program is longer than 400 lines', () => {
  const long = sources.filter((file) => read(file).split('\n').length > 401);
  assert.deepEqual(long, []);
});

const everything = [
  ...readdirSync(root).filter((name) => statSync(join(root, name)).isFile() && name !== 'package-lock.json'),
  ...['src', 'test', 'bin', 'share', 'etc', 'scripts', 'demo', 'docs', '.ci'].flatMap((folder) => walk(folder, () => true)),
].filter((name) => !/\.(png|svg|gz|cjs)$/.test(name));

test('nothing unfinished is left', () => {
  // Put together here, so that this file does not find itself.
  const words = new RegExp(
    `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b|${['not', 'implemented'].join(' ')} here|place${'holder'}\\b`,
  );
  const found = everything
    .filter((name) => /^(src|bin|share|etc|scripts|test)\//.test(name))
    .flatMap((name) =>
      read(name)
        .split('\n')
        .map((line, index) =>
          words.test(line) && !/placeholder-ok/.test(line) ? `${name}:${index + 1}: ${line.trim().slice(0, 100)}` : undefined,
        ),
    );
  assert.deepEqual(
    found.filter((line) => line !== undefined),
    [],
  );
});

test('no path of the machine it was made on, no focused test', () => {
  const path = new RegExp(`(?<![\\w.])/(?:${['wo' + 'rk', 'fa' + 'rm'].join('|')})/|bash${'_jobs'}|/home/\\w+/`);
  const focused = /\b(?:test|it|describe)\.only\b|\bonly: true\b/;
  const found = everything.flatMap((name) =>
    read(name)
      .split('\n')
      .map((line, index) =>
        path.test(line) || (name.startsWith('test/') && focused.test(codeOnly(line)))
          ? `${name}:${index + 1}: ${line.trim().slice(0, 100)}`
          : undefined,
      ),
  );
  assert.deepEqual(
    found.filter((line) => line !== undefined),
    [],
  );
});

test('every recorded vector is read by a test', () => {
  const vectors = existsSync(join(root, 'test/vectors'))
    ? readdirSync(join(root, 'test/vectors')).filter((name) => name.endsWith('.json'))
    : [];
  const texts = walk('test', (name) => name.endsWith('.ts')).map(read);
  const readsAll = texts.some((text) => /readdirSync\([^)]*(?:vector|folder|dir)/i.test(text));
  const unread = vectors.filter((name) => !readsAll && !texts.some((text) => text.includes(name.replace(/\.json$/, ''))));
  assert.deepEqual(unread, []);
});

test('programs and scripts are executable', () => {
  const programs = [
    ...walk('bin', () => true),
    ...walk('share', () => true),
    ...['etc/ha.d/harc', 'scripts/test', 'scripts/demo', '.ci/run'].filter((name) => existsSync(join(root, name))),
  ];
  for (const name of programs) assert.ok((statSync(join(root, name)).mode & 0o111) === 0o111, `${name} cannot be run`);
});

test('run-time packages are pinned and freely licensed', { timeout: 60_000 }, () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is not pinned`);
  const program = join(root, 'node_modules/license-checker-rseidelsohn/bin/license-checker-rseidelsohn.js');
  const shown = execFileSync(process.execPath, [program, '--production', '--excludePrivatePackages', '--json', '--start', root], {
    encoding: 'utf8',
    maxBuffer: 16 << 20,
  });
  const packages = JSON.parse(shown) as Record<string, { licenses: string | string[] }>;
  const free = /^(?:MIT|ISC|Apache-2\.0|BSD(?:-[23]-Clause)?|0BSD)\*?$/;
  const others = Object.entries(packages).flatMap(([name, { licenses }]) => {
    const words = [licenses].flat().flatMap((each) => each.replace(/[()]/g, '').split(/ OR /));
    return words.some((word) => free.test(word)) ? [] : [`${name}: ${[licenses].flat().join(', ')}`];
  });
  assert.ok(Object.keys(packages).length > 5);
  assert.deepEqual(others, []);
});
