import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atMostEvery, everyMinute } from '../../src/os/calendar.ts';

const APIS = ['setInterval', 'setTimeout'] as const;

describe('housekeeping', () => {
  it('comes once a minute, whatever the wall clock does', (test) => {
    test.mock.timers.enable({ apis: [...APIS] });
    const wall = test.mock.method(Date, 'now', () => 0);
    let calls = 0;
    const stop = everyMinute(() => {
      calls += 1;
    });
    test.mock.timers.tick(60_000);
    assert.equal(calls, 1);
    // A host that woke up in 1970 learns the date, and another whose clock was a day ahead.
    for (const at of [1_800_000_000_000, 1_799_900_000_000]) {
      wall.mock.mockImplementation(() => at);
      test.mock.timers.tick(60_000);
    }
    assert.equal(calls, 3);
    stop();
    test.mock.timers.tick(600_000);
    assert.equal(calls, 3);
  });

  it('runs a job at once, and a storm of calls as one more', (test) => {
    test.mock.timers.enable({ apis: [...APIS] });
    let runs = 0;
    const call = atMostEvery(1000, () => {
      runs += 1;
    });
    call();
    assert.equal(runs, 1);
    for (let storm = 0; storm < 5000; storm += 1) call();
    assert.equal(runs, 1);
    test.mock.timers.tick(1000);
    assert.equal(runs, 2);
    test.mock.timers.tick(5000);
    assert.equal(runs, 2);
    call();
    assert.equal(runs, 3);
  });
});
