import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaCatalog, startedText } from '../../src/media/index.ts';
import { at, context, freePort, recorder } from './support.ts';

function parse(line: string, more: { resolveHost?: (name: string) => string | undefined } = {}) {
  const [kind = '', ...words] = line.split(' ');
  const type = mediaCatalog[kind];
  assert.ok(type);
  return type.parse(words, { ...context(694), ...more }, at);
}

describe('media lines that are right', () => {
  const rows: readonly (readonly [string, readonly object[]])[] = [
    ['bcast eth1', [{ kind: 'bcast', id: 'bcast eth1', link: 'eth1', device: 'eth1', port: 694 }]],
    [
      'bcast eth1 lo',
      [
        { kind: 'bcast', id: 'bcast eth1', link: 'eth1', device: 'eth1', port: 694 },
        { kind: 'bcast', id: 'bcast lo', link: 'lo', device: 'lo', port: 694 },
      ],
    ],
    ['ucast eth1 10.0.0.2', [{ kind: 'ucast', id: 'ucast eth1 10.0.0.2', link: 'eth1', device: 'eth1', address: '10.0.0.2', port: 694 }]],
    ['ucast eth7 10.0.0.2', [{ kind: 'ucast', id: 'ucast eth7 10.0.0.2', link: 'eth7', device: 'eth7', address: '10.0.0.2', port: 694 }]],
    [
      'ucast eth1 peer.site',
      [{ kind: 'ucast', id: 'ucast eth1 peer.site', link: 'eth1', device: 'eth1', address: 'peer.site', port: 694 }],
    ],
    [
      'mcast eth1 225.0.0.1 700 1 0',
      [{ kind: 'mcast', id: 'mcast eth1', link: 'eth1', device: 'eth1', address: '225.0.0.1', port: 700, ttl: 1, loop: false }],
    ],
    [
      'mcast eth1 225.0.0.1 700 256 1',
      [{ kind: 'mcast', id: 'mcast eth1', link: 'eth1', device: 'eth1', address: '225.0.0.1', port: 700, ttl: 0, loop: true }],
    ],
  ];
  for (const [line, specs] of rows) it(line, () => assert.deepEqual(parse(line), { specs, errors: [] }));
});

describe('media lines that are wrong (directives 3)', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [
      'bcast eth9',
      [
        'glib: Get broadcast for interface eth9 failed: No such device',
        'glib: IP interface [eth9] does not exist',
        'Illegal bcast [UDP/IP broadcast] in config file [eth9]',
      ],
    ],
    ['ucast eth1', ['glib: ucast: [eth1] missing target IP address/hostname']],
    ['ucast eth1 300.1.1.1', ['glib: ucast: cannot resolve hostname']],
    ['ucast eth1 a/b', ['glib: ucast: cannot resolve hostname']],
    ['mcast eth9 225.0.0.1 694 1 0', ['glib: mcast device [eth9] is invalid or not set up properly']],
    ['mcast eth1 10.0.0.1 694 1 0', ['glib: mcast [eth1] bad addr [10.0.0.1]']],
    ['mcast eth1 225.0.0.1', ['glib: mcast [eth1] missing port']],
    ['mcast eth1 225.0.0.1 70000 1 0', ['glib: mcast [eth1] bad port [70000]']],
    ['mcast eth1 225.0.0.1 694', ['glib: mcast [eth1] missing ttl']],
    ['mcast eth1 225.0.0.1 694 300 0', ['glib:  mcast [eth1] bad ttl [44]']],
    ['mcast eth1 225.0.0.1 694 1', ['glib: mcast [eth1] missing loop']],
    ['mcast eth1 225.0.0.1 694 1 5', ['glib:  mcast [eth1] bad loop [5]']],
  ];
  for (const [line, errors] of rows) it(line, () => assert.deepEqual(parse(line).errors, errors));

  it('a good interface beside a bad one is kept', () => {
    const { specs, errors } = parse('bcast eth1 eth9');
    assert.deepEqual([specs.length, errors.length], [1, 3]);
  });
});

describe('ucast host names', () => {
  it('are resolved while reading where the host can', () => {
    const { specs } = parse('ucast eth1 peer', { resolveHost: () => '10.0.0.9' });
    assert.deepEqual([specs[0]?.id, specs[0]?.address], ['ucast eth1 peer', '10.0.0.9']);
  });
  it('are refused when nobody knows them', () => {
    assert.deepEqual(parse('ucast eth1 peer', { resolveHost: () => undefined }).errors, ['glib: ucast: cannot resolve hostname']);
  });
});

describe('the line logged when a medium is up (log-lines 2)', () => {
  const rows = [
    ['bcast eth1', 'glib: UDP Broadcast heartbeat started on port 694 (694) interface eth1'],
    ['ucast eth1 10.77.1.1', 'glib: ucast: started on port 694 interface eth1 to 10.77.1.1'],
    ['mcast eth1 225.0.0.1 694 1 0', 'glib: UDP multicast heartbeat started for group 225.0.0.1 port 694 interface eth1 (ttl=1 loop=0)'],
  ] as const;
  for (const [line, text] of rows) it(line, () => assert.deepEqual(parse(line).specs.map(startedText), [text]));
});

describe('a ucast peer given by name', () => {
  it('is resolved after the medium was opened', async () => {
    const medium = mediaCatalog.ucast?.create({
      kind: 'ucast',
      id: 'u',
      link: 'lo',
      device: 'lo',
      address: 'localhost',
      port: await freePort(),
    });
    assert.ok(medium);
    const seen = recorder();
    const stay = setInterval(() => {}, 1000);
    medium.open(seen.sink);
    await seen.until('opened', () => seen.news.at(-1) === 'opened');
    assert.deepEqual(seen.news, ['failed ENOTFOUND', 'opened']);
    medium.send(Buffer.from('to localhost'));
    await seen.until('the packet', () => seen.frames.length === 1);
    medium.close();
    clearInterval(stay);
  });
});
