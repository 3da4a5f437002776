import assert from 'node:assert/strict';
import test from 'node:test';
import {
  daemonLine,
  LOG_TEXT_CHARS_MAX,
  type LogLine,
  printable,
  scriptDebugfileLine,
  scriptLogfileLine,
  syslogParts,
} from '../../src/base/log-line.ts';

const time = { year: 2026, month: 11, day: 20, hour: 22, minute: 4, second: 46 };
const line: LogLine = { time, node: 'n1', pid: 20, level: 'WARN', text: 'node n2: is dead' };
const script: LogLine = {
  time,
  node: 'n1',
  pid: 160,
  level: 'info',
  text: 'Running /etc/ha.d/resource.d/tres one start',
  tag: 'ResourceManager',
};

test('a daemon line has the form of log-lines 1, in both spellings of syslogmsgfmt', () => {
  assert.equal(daemonLine(line), 'Nov 20 22:04:46 n1 heartbeat: [20]: WARN: node n2: is dead');
  assert.equal(daemonLine(line, false), 'heartbeat[20]: 2026/11/20_22:04:46 WARN: node n2: is dead');
});

test('the day is padded with a blank in one form and with a zero in the other', () => {
  const early = { ...line, time: { ...time, month: 1, day: 5, hour: 3 } };
  assert.equal(daemonLine(early), 'Jan  5 03:04:46 n1 heartbeat: [20]: WARN: node n2: is dead');
  assert.equal(daemonLine(early, false), 'heartbeat[20]: 2026/01/05_03:04:46 WARN: node n2: is dead');
});

test('a tagged line has one form for logfile and one for debugfile', () => {
  const text = 'info: Running /etc/ha.d/resource.d/tres one start';
  assert.equal(scriptLogfileLine(script), `2026/11/20_22:04:46\t ResourceManager(default)[160]:    ${text}`);
  assert.equal(scriptDebugfileLine(script), `ResourceManager(default)[160]:\t2026/11/20_22:04:46\t${text}`);
});

test('hb_standby writes its text without a level word', () => {
  const standby: LogLine = { ...script, text: 'Going standby [all].', tag: 'hb_standby' };
  assert.equal(scriptLogfileLine(standby), '2026/11/20_22:04:46\t hb_standby(default)[160]:    Going standby [all].');
});

test('syslog gets the program as ident and the bare text', () => {
  assert.deepEqual(syslogParts(line), { ident: 'heartbeat', text: '[20]: WARN: node n2: is dead' });
  assert.deepEqual(syslogParts({ ...script, text: 'a\nb' }), { ident: 'ResourceManager(default)[160]', text: 'info: a\\x0ab' });
});

test('a text from outside stays one line of bounded length', () => {
  assert.equal(printable('a\nb\r\u001b[2J\u0000c\u2028'), 'a\\x0ab\\x0d\\x1b[2J\\x00c\\x2028');
  assert.equal(printable('x'.repeat(LOG_TEXT_CHARS_MAX + 1)).length, LOG_TEXT_CHARS_MAX + 3);
  assert.equal(printable('a\u202eb\u200bc'), 'a\\x202eb\\x200bc');
  assert.equal(printable('é ü'), 'é ü');
});
