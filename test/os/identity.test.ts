/** Generation and UUID of a start, from files, clock and name (wire-protocol 9). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { uuidFromName } from '../../src/base/name-uuid.ts';
import type { Config } from '../../src/contracts/config.ts';
import { openIdentity } from '../../src/daemon/identity.ts';
import { folder } from './support.ts';

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Read from running 3.0.6 daemons. */
const OF_3_0_6: Readonly<Record<string, string>> = {
  n1: 'dbf0a978-e76b-438c-ddb2-32fac6d43cf0',
  n2: 'ad4d1371-f329-33e4-b368-d92b08e7129c',
  a: 'e44c7868-10c2-3db7-763c-3b17dc88f2ed',
  ab: 'b9b3db34-cba7-1510-97f0-2c3c4864b1f6',
  node1: '90b8de77-08c8-7a6c-fef1-993a43051dba',
  'node-17': '8079642e-054d-38fe-11ea-f057f31452ae',
  'alpha.example.org': '2d21633e-8972-3d1a-72f7-df9fffc749a6',
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 'c9afbd1c-53c9-76a1-529b-d8e571c28f84',
  abcdefghijklmnop: 'f1eca1bc-3815-dbde-e9b3-31454b07b34b',
  abcdefghijklmnopq: 'e80f4d93-9c60-697b-e5b1-61c0d998f0ce',
};

function start(test: TestContext, how: Partial<Pick<Config, 'hbgenmethod' | 'uuidfrom'>>, dir = folder(test)) {
  const told: string[] = [];
  const config = { self: 'n1', hbgenmethod: 'file', uuidfrom: 'file', ...how } as const;
  const paths = { stateDir: dir, generation: join(dir, 'hb_generation'), uuid: join(dir, 'hb_uuid'), epochs: join(dir, 'hb_epochs') };
  const { record, store } = openIdentity(config, paths, 1000, { note: ({ code }) => void told.push(code), line: () => undefined });
  return { dir, told, record, saved: () => new Promise((done) => store.save(record, done)) };
}

describe('who a node is', () => {
  it('the UUID of a name is the one that 3.0.6 makes', () => {
    for (const [name, uuid] of Object.entries(OF_3_0_6)) assert.equal(hex(uuidFromName(name)), uuid, name);
    assert.equal(uuidFromName('').length, 16);
  });

  it('files: both written', async (test) => {
    const { dir, told, record, saved } = start(test, {});
    assert.equal(await saved(), undefined);
    assert.deepEqual([record.generation, told], [1001, ['noPreviousGeneration', 'newUuid']]);
    assert.deepEqual(readdirSync(dir).sort(), ['hb_generation', 'hb_uuid']);
    const again = start(test, {}, dir);
    assert.deepEqual([again.record.generation, again.record.uuid, again.told], [1002, record.uuid, []]);
  });

  it('time and nodename: neither file is touched', async (test) => {
    const { dir, told, record, saved } = start(test, { hbgenmethod: 'time', uuidfrom: 'nodename' });
    assert.equal(await saved(), undefined);
    assert.deepEqual([record.generation, hex(record.uuid), told], [1000, OF_3_0_6.n1, []]);
    assert.deepEqual(readdirSync(dir), []);
  });

  it('one of each: the other file stays what it was', async (test) => {
    const dir = folder(test);
    writeFileSync(join(dir, 'hb_generation'), '             41\n');
    const byName = start(test, { uuidfrom: 'nodename' }, dir);
    await byName.saved();
    assert.equal(byName.record.generation, 42);
    assert.deepEqual(readdirSync(dir), ['hb_generation']);
    const byClock = start(test, { hbgenmethod: 'time' }, dir);
    await byClock.saved();
    assert.equal(byClock.record.generation, 1000);
    assert.equal(readFileSync(join(dir, 'hb_generation'), 'latin1').trim(), '42');
  });
});
