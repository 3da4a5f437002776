/** Mistakes people make (directives 6, end): the message says what to write instead. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GOOD, HOST, lines, load, type Texts, withLine } from './support.ts';

interface Mistake {
  readonly name: string;
  readonly texts: Texts;
  readonly place: string;
  readonly instead: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    name: '// before a remark',
    texts: { hacf: withLine('// the times') },
    place: 'ha.cf:9',
    instead: /remarks begin with #/,
  },
  {
    name: '// before a remark after a value',
    texts: { hacf: withLine('keepalive 2 // seconds') },
    place: 'ha.cf:8',
    instead: /remarks begin with #, not with \/\//,
  },
  {
    name: '// before a remark in haresources',
    texts: { haresources: '// services\nn1 A\n' },
    place: 'haresources:1',
    instead: /remarks begin with #/,
  },
  {
    name: 'a remark after crc on the key line',
    texts: { authkeys: 'auth 1\n1 crc # for tests\n' },
    place: 'authkeys:2',
    instead: /Expected `1 crc` alone; a remark needs a line of its own/,
  },
  {
    name: 'a remark after the key',
    texts: { authkeys: 'auth 1\n1 sha1 secret # ours\n' },
    place: 'authkeys:2',
    instead: /write a remark on a line of its own/,
  },
  {
    name: 'a remark where the key belongs',
    texts: { authkeys: 'auth 1\n1 sha1 # secret\n' },
    place: 'authkeys:2',
    instead: /write a remark on a line of its own/,
  },
  {
    name: 'node a node b',
    texts: { hacf: withLine('node n1 node n2') },
    place: 'ha.cf:7',
    instead: /write `node a b`, or one line for each/,
  },
  {
    name: 'a remark wrapped onto its own line',
    texts: { hacf: `${GOOD.hacf}# how long a node may be\nsilent before it is dead\n` },
    place: 'ha.cf:10',
    instead: /begin this line with # as well/,
  },
  {
    name: 'one resource on each line of haresources',
    texts: { haresources: 'n1 10.0.0.1\nIPaddr::10.0.0.2\n' },
    place: 'haresources:2',
    instead: /all resources of a group stand on one line, or end the line above with a blank and a backslash/,
  },
  {
    name: 'a node that ha.cf does not list',
    texts: { haresources: 'web1 10.0.0.1\n' },
    place: 'haresources:1',
    instead: /expected a node of ha\.cf \(n1, n2\) as the first word/,
  },
  {
    name: 'a node in another spelling',
    texts: { haresources: 'n1.example.org 10.0.0.1\n' },
    place: 'haresources:1',
    instead: /ha\.cf spells it n1/,
  },
  {
    name: 'a word left over from a sample',
    texts: { hacf: withLine('ucast eth1 peer-ip') },
    place: 'ha.cf:9',
    instead: /write the real value/,
  },
  {
    name: 'mcast without its five words',
    texts: { hacf: withLine('mcast eth1 225.0.0.1') },
    place: 'ha.cf:9',
    instead: /expected `mcast IF GROUP PORT TTL LOOP`/,
  },
  {
    name: 'udpport below the media',
    texts: { hacf: withLine('udpport 700') },
    place: 'ha.cf:9',
    instead: /put udpport above them/,
  },
  {
    name: 'deadtime not above twice keepalive',
    texts: { hacf: withLine('deadtime 2') },
    place: 'ha.cf:8',
    instead: /expected more than twice keepalive, 2000 ms/,
  },
  {
    name: 'ping of the far end of the only link',
    texts: { hacf: withLine('ping 10.0.0.2').replace('bcast eth1', 'ucast eth1 10.0.0.2') },
    place: 'ha.cf:9',
    instead: /name a host of the service network instead/,
  },
];

for (const { name, texts, place, instead } of MISTAKES) {
  test(`says what to write instead: ${name}`, () => {
    const said = lines(load(texts));
    const found = said.find((line) => instead.test(line));
    assert.ok(found !== undefined, said.join('\n'));
    assert.match(found, new RegExp(`^/etc/ha\\.d/${place.replace('.', '\\.')}: `));
    assert.equal(said.join('\n').includes('secret'), false, 'a key is never shown');
  });
}

test('a word left over from a sample is named beside the error that it causes', () => {
  const resolving = { ...HOST, resolveHost: () => undefined };
  for (const line of ['ucast eth1 peer-ip', 'ucast eth1 your.peer.address', 'bcast ethX', 'mcast <interface> 225.0.0.1 694 1 0'])
    assert.ok(
      lines(load({ hacf: withLine(line) }, resolving)).some((said) => /write the real value/.test(said)),
      line,
    );
});

test('a script alone on a line of haresources belongs onto the line above', () => {
  const said = lines(load({ haresources: 'n1 10.0.0.1\nnginx\n' }));
  assert.match(said.join('\n'), /haresources:2: .*all resources of a group stand on one line/);
});

test('no hint about a wrapped remark below any other line', () => {
  assert.equal(
    lines(load({ hacf: withLine('silent before') })).some((line) => line.includes('begin this line with #')),
    false,
  );
});
