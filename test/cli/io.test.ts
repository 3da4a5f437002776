import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forTerminal } from '../../src/cli/io.ts';

test('no line that a program prints steers the terminal', () => {
  assert.equal(forTerminal('n1\tactive\t(nodetype: normal)\n\u00e4\u20ac'), 'n1\tactive\t(nodetype: normal)\n\u00e4\u20ac');
  assert.equal(forTerminal('a\x1b[2Jb\x9bc\r\x07\u202e\u{e0001}'), 'a\\u001b[2Jb\\u009bc\\u000d\\u0007\\u202e\\udb40\\udc01');
});

test('JSON stays JSON, and says the same', () => {
  const said = { site: 'x\x1b\x9b\x7f\u2028\u{e0001}' };
  const line = forTerminal(JSON.stringify(said, null, 2));
  assert.ok(!/(?!\n)[\p{Cc}\p{Cf}]/u.test(line));
  assert.deepEqual(JSON.parse(line), said);
});
