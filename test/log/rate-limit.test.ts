import assert from 'node:assert/strict';
import test from 'node:test';
import { renderNote } from '../../src/base/notes.ts';
import { RefusalLimiter } from '../../src/base/rate-limit.ts';

const limits = { perKey: 2, windowMs: 10_000, keysMax: 3 };

test('the first lines of each key pass, the rest become one line per window', () => {
  const limiter = new RefusalLimiter(limits);
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => limiter.refuse(at, 'authMismatch', '10.0.0.9').pass),
    [true, true, false, false],
  );
  assert.equal(limiter.refuse(4, 'badPacket', '10.0.0.8').pass, true);
  assert.equal(limiter.nextAlarm(), 10_000);
  assert.equal(limiter.flush(9_999), undefined);
  const summary = limiter.flush(10_000);
  assert.ok(summary);
  assert.equal(renderNote(summary).text, '2 more packets refused in 10 seconds (last: authMismatch from 10.0.0.9)');
  assert.equal(limiter.flush(10_001), undefined);
  assert.equal(limiter.nextAlarm(), undefined);
});

test('a new window begins with the first refusal after the old one, and hands over its summary', () => {
  const limiter = new RefusalLimiter(limits);
  for (let at = 0; at < 5; at += 1) limiter.refuse(at, 'k', 'x');
  const verdict = limiter.refuse(25_000, 'k', 'x');
  assert.equal(verdict.pass, true);
  assert.equal(verdict.summary?.facts.count, 3);
  assert.equal(limiter.nextAlarm(), undefined);
});

test('a window in which all passed ends without a word', () => {
  const limiter = new RefusalLimiter(limits);
  limiter.refuse(0, 'k', 'x');
  assert.equal(limiter.flush(20_000), undefined);
  assert.equal(limiter.refuse(20_001, 'k', 'x').pass, true);
});

test('many different keys take bounded memory and still bounded lines', () => {
  const limiter = new RefusalLimiter(limits);
  let passed = 0;
  for (let at = 0; at < 1000; at += 1) if (limiter.refuse(at, `key ${at}`, 'x').pass) passed += 1;
  assert.equal(passed, 3);
  assert.equal(limiter.flush(10_000)?.facts.count, 997);
});
