import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResource } from '../../src/config/haresources.ts';
import { lines, load, loadGood } from './support.ts';

const WORDS: readonly (readonly [string, string, readonly string[]])[] = [
  ['10.77.0.150', 'IPaddr', ['10.77.0.150']],
  ['10.77.0.150/24', 'IPaddr', ['10.77.0.150/24']],
  ['10.77.0.150/24/eth0', 'IPaddr', ['10.77.0.150/24/eth0']],
  ['10.77.0.150/24/eth0:5', 'IPaddr', ['10.77.0.150/24/eth0:5']],
  ['10.77.0.150/24/10.77.0.255', 'IPaddr', ['10.77.0.150/24/10.77.0.255']],
  ['10.77.0.150/24/eth0/10.77.0.127', 'IPaddr', ['10.77.0.150/24/eth0/10.77.0.127']],
  ['10.77.0.150/255.255.255.0/eth0', 'IPaddr', ['10.77.0.150/255.255.255.0/eth0']],
  ['1.2.3.4/19/192.168.31.255', 'IPaddr', ['1.2.3.4/19/192.168.31.255']],
  ['IPaddr::10.77.0.150/24/eth0', 'IPaddr', ['10.77.0.150/24/eth0']],
  ['IPaddr2::10.77.0.150', 'IPaddr2', ['10.77.0.150']],
  ['10.77.0', '10.77.0', []],
  ['10.77.x.1', '10.77.x.1', []],
  ['v10.77.0.1', 'v10.77.0.1', []],
  ['10.0.0.1::x', '10.0.0.1', ['x']],
  ['httpd', 'httpd', []],
  ['Filesystem::/dev/drbd0::/store::ext4', 'Filesystem', ['/dev/drbd0', '/store', 'ext4']],
  ['a::::b', 'a', ['b']],
  ['a::b::', 'a', ['b']],
  ['a:b', 'a:b', []],
  ['a::b:c', 'a', ['b:c']],
  ["a::'$HOME';&(", 'a', ["'$HOME';&("]],
  ['a::b\\c', 'a', ['bc']],
];

for (const [word, script, args] of WORDS) test(`resource ${word}`, () => assert.deepEqual(parseResource(word), { word, script, args }));

test('a word of colons alone names no script', () => {
  assert.equal(parseResource('::::'), undefined);
  const loaded = load({ haresources: 'n1 :::: httpd\n' });
  assert.deepEqual(
    loaded.config?.groups[0]?.resources.map(({ script }) => script),
    ['httpd'],
  );
  assert.match(lines(loaded)[0] ?? '', /names no script/);
});

function groupsOf(haresources: string) {
  return loadGood({ haresources }).groups.map(({ home, resources }) => [home, ...resources.map(({ word }) => word)]);
}

test('an empty file, remarks and blank lines', () => {
  assert.deepEqual(groupsOf(''), []);
  assert.deepEqual(groupsOf('# n1 a\n\n  \t\n n1\ta  b # c\n'), [['n1', 'a', 'b']]);
});

test('names fold to lower case; groups keep the order of the file', () => {
  assert.deepEqual(groupsOf('N2 a\nn1 b\nn2 c'), [
    ['n2', 'a'],
    ['n1', 'b'],
    ['n2', 'c'],
  ]);
});

test('continuation joins with nothing in between', () => {
  assert.deepEqual(groupsOf('n1 a \\\n b\\\nc \\\n\td\nn2 e\\\n\n'), [
    ['n1', 'a', 'bc', 'd'],
    ['n2', 'e'],
  ]);
  assert.deepEqual(groupsOf('n1 a \\'), [['n1', 'a']]);
  assert.deepEqual(groupsOf('n1 a # remark \\\nn2 b'), [
    ['n1', 'a'],
    ['n2', 'b'],
  ]);
});

test('a remark on a continued line is cut, and told', () => {
  const loaded = load({ haresources: 'n1 a \\\n b # text\n' });
  assert.deepEqual(
    loaded.config?.groups[0]?.resources.map(({ word }) => word),
    ['a', 'b'],
  );
  assert.match(lines(loaded)[0] ?? '', /^\/etc\/ha\.d\/haresources:2: a remark on a continued line/);
});

test('CR LF: no CR stays on the last resource', () => {
  assert.deepEqual(groupsOf('n1 a b\r\nn2 c \\\r\n d\r\n'), [
    ['n1', 'a', 'b'],
    ['n2', 'c', 'd'],
  ]);
});

test('key and id', () => {
  const { groups } = loadGood({ haresources: 'n1 IPaddr::10.0.0.1/24 a\n\nn2 b c\nn2 b d\n' });
  assert.deepEqual(
    groups.map(({ key, id }) => [key, id]),
    [
      ['IPaddr::10.0.0.1/24', 'IPaddr::10.0.0.1/24'],
      ['b', 'b'],
      ['b', 'b#4'],
    ],
  );
});

const WARNINGS: readonly (readonly [string, string])[] = [
  ['n1 a b\nn2 b\n', 'haresources:2: b: stands in line 1 as well'],
  ['n1 a a\n', 'haresources:1: a: stands in line 1 as well'],
  ['n1\n', 'haresources:1: n1: no resources'],
  ['n1 a \\ \n', 'haresources:1: a blank after the backslash'],
  ['n1 a*::b\n', 'never starts a group whose first word holds'],
];

for (const [text, warning] of WARNINGS) {
  test(`warning: ${warning}`, () => {
    const loaded = load({ haresources: text });
    assert.notEqual(loaded.config, undefined);
    assert.ok(
      lines(loaded, 'warning').some((line) => line.includes(warning)),
      lines(loaded).join('\n'),
    );
  });
}

const ERRORS: readonly (readonly [string | undefined, string])[] = [
  [undefined, '/etc/ha.d/haresources: Cannot open resources file [/etc/ha.d//haresources]'],
  ['zz a\n', '/etc/ha.d/haresources:1: Bad nodename in /etc/ha.d//haresources [zz]'],
  [
    'n1 a\n\n10.0.0.1 b\n',
    'haresources:3: Bad nodename in /etc/ha.d//haresources [10.0.0.1]: expected a node of ha.cf (n1, n2) as the first word; all resources',
  ],
  ['n1.example.org a\n', 'ha.cf spells it n1'],
  ['// n1 a\n', 'remarks begin with #'],
];

for (const [haresources, error] of ERRORS) {
  test(`refused: ${error}`, () => {
    const loaded = load({ haresources });
    assert.equal(loaded.config, undefined);
    assert.ok(
      lines(loaded, 'error').some((line) => line.includes(error)),
      lines(loaded).join('\n'),
    );
  });
}

test('without ha.cf the node names are not complained about', () => {
  const errors = lines(load({ hacf: undefined }), 'error');
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? '', /^\/etc\/ha\.d\/ha\.cf: Cannot open config file \[\/etc\/ha\.d\/\/ha\.cf\]/);
});
