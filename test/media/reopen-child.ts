/** Run in a network namespace of its own: takes the interface of a medium away and gives it back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { MediumSpec } from '../../src/contracts/config.ts';
import { createMedium } from '../../src/media/index.ts';
import { recorder } from './support.ts';

const kind = process.argv[2] ?? '';
const common = { kind, link: 'd0', device: 'd0', port: 694 };
const specs: Readonly<Record<string, MediumSpec>> = {
  bcast: { ...common, id: 'bcast d0' },
  ucast: { ...common, id: 'ucast d0 10.9.0.2', address: '10.9.0.2' },
  mcast: { ...common, id: 'mcast d0', address: '225.0.0.1', ttl: 1, loop: true },
};
const spec = specs[kind];
assert.ok(spec);
/** A unicast to another host does not come back: there the news alone must do. */
const hearsItself = kind !== 'ucast';

const ip = (words: string) => execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
function plug(): void {
  ip('link add d0 type veth peer name p0');
  ip('link set p0 up');
  ip('addr add 10.9.0.1/24 dev d0');
  ip('link set d0 up');
}

const medium = createMedium(spec);
assert.ok(medium);
const seen = recorder();
const stay = setInterval(() => {}, 1000);
let round = 0;

/** Not every kernel has the means. */
function canBlock(): boolean {
  try {
    ip('xfrm policy add dir out dst 10.9.0.2/32 action block');
    return true;
  } catch {
    return false;
  }
}

async function expect(news: string[]): Promise<void> {
  await seen.until(news.join(' '), () => seen.news.length >= news.length, 3000);
  assert.deepEqual(seen.news, news);
  seen.news.length = 0;
}

async function works(): Promise<void> {
  round += 1;
  const text = `round ${round}`;
  medium?.send(Buffer.from(text));
  if (hearsItself) await seen.until(text, () => seen.frames.at(-1)?.text === text, 2000);
}

medium.open(seen.sink);
await expect(['failed ENODEV']);
plug();
await expect(['opened']);
await works();

// Deleted while nobody sends.
ip('link del d0');
await expect(['failed ENODEV']);
plug();
await expect(['opened']);
await works();

// Deleted and made again at once: the next packet notices.
ip('link del d0');
plug();
medium.send(Buffer.from('into the void'));
await expect(['failed ENODEV', 'opened']);
await works();

// The same, with nobody sending: the number of the interface tells.
ip('link del d0');
plug();
await expect(['failed ENODEV', 'opened']);
await works();

// Down and up.
ip('link set d0 down');
medium.send(Buffer.from('into the void'));
await seen.until('failed', () => seen.news.length > 0);
assert.match(seen.news[0] ?? '', /^failed (ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/);
medium.send(Buffer.from('still nowhere'));
ip('link set d0 up');
await seen.until('opened', () => seen.news.length > 1, 3000);
assert.equal(seen.news[1], 'opened');
assert.equal(seen.news.length, 2);
await works();

// Another network on the same interface: broadcasts go to its address within a second.
if (kind === 'bcast') {
  ip('addr del 10.9.0.1/24 dev d0');
  ip('addr add 10.8.0.1/24 dev d0');
  const before = seen.frames.length;
  const beat = setInterval(() => medium.send(Buffer.from('moved')), 50);
  await seen.until('moved', () => seen.frames.slice(before).some(({ from }) => from === '10.8.0.1'), 3000);
  clearInterval(beat);
}

// Forbidden by the host itself: told once, and over when a packet has left.
if (kind === 'ucast' && canBlock()) {
  seen.news.length = 0;
  for (let beat = 0; beat < 5; beat += 1) medium.send(Buffer.from('no'));
  await expect(['failed EPERM']);
  ip('xfrm policy del dir out dst 10.9.0.2/32');
  medium.send(Buffer.from('yes'));
  await expect(['opened']);
}

medium.close();
clearInterval(stay);
console.log('done');
