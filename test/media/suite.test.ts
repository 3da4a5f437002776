import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMedium, mediaCatalog } from '../../src/media/index.ts';
import { freePort, loopbackSpec, recorder } from './support.ts';

// What every medium of the catalog must do, shown on loopback without rights.
for (const kind of Object.keys(mediaCatalog)) {
  const make = (port: number) => {
    const medium = createMedium(loopbackSpec(kind, port));
    assert.ok(medium);
    return medium;
  };

  describe(`medium ${kind}`, () => {
    it('opens later, never inside open', async () => {
      const medium = make(await freePort());
      const seen = recorder();
      medium.open(seen.sink);
      assert.deepEqual(seen.news, []);
      await seen.until('opened', () => seen.news.length > 0);
      assert.deepEqual(seen.news, ['opened']);
      medium.close();
    });

    it('carries packets unchanged, up to the largest', async () => {
      const medium = make(await freePort());
      const seen = recorder();
      medium.open(seen.sink);
      medium.send(Buffer.from('small'));
      medium.send(Buffer.alloc(60_000, 'x'));
      await seen.until('both', () => seen.frames.length >= 2);
      assert.equal(seen.frames[0]?.text, 'small');
      assert.match(seen.frames[0]?.from ?? '', /^\d+\.\d+\.\d+\.\d+$/);
      assert.equal(seen.frames[1]?.length, 60_000);
      medium.close();
    });

    it('shares its port', async () => {
      const port = await freePort();
      const [one, two] = [make(port), make(port)];
      const [first, second] = [recorder(), recorder()];
      one.open(first.sink);
      two.open(second.sink);
      one.send(Buffer.from('hello'));
      // A broadcast or a group reaches all sockets of the port, a unicast exactly one of them.
      const all = kind !== 'ucast';
      const heard = () => first.frames.length + second.frames.length;
      await Promise.race([first, second].map((seen) => seen.until('somebody', () => heard() >= (all ? 2 : 1))));
      if (all) assert.deepEqual([first.frames.length, second.frames.length], [1, 1]);
      one.close();
      two.close();
    });

    it('drops a packet that is too large and stays open', async () => {
      const medium = make(await freePort());
      const seen = recorder();
      medium.open(seen.sink);
      medium.send(Buffer.alloc(70_000));
      medium.send(Buffer.from('after'));
      await seen.until('the next', () => seen.frames.length > 0);
      assert.equal(seen.frames[0]?.text, 'after');
      assert.deepEqual(seen.news, ['opened']);
      medium.close();
    });

    it('is silent once closed, and can be opened again', async () => {
      const port = await freePort();
      const [medium, other] = [make(port), make(port)];
      const [before, after, far] = [recorder(), recorder(), recorder()];
      medium.open(before.sink);
      medium.close();
      medium.close();
      medium.send(Buffer.from('nowhere'));
      other.open(far.sink);
      other.send(Buffer.from('one'));
      await far.until('its own', () => far.frames.length > 0);
      assert.deepEqual([before.news, before.frames], [[], []]);
      other.close();
      medium.open(after.sink);
      medium.send(Buffer.from('two'));
      await after.until('a frame', () => after.frames.length > 0);
      assert.equal(after.frames[0]?.text, 'two');
      medium.close();
    });

    it('reports a missing interface once and keeps trying', async () => {
      const medium = createMedium({ ...loopbackSpec(kind, await freePort()), device: 'nosuch0' });
      assert.ok(medium);
      const seen = recorder();
      medium.open(seen.sink);
      medium.send(Buffer.from('x'));
      await seen.until('failed', () => seen.news.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 600));
      assert.deepEqual(seen.news, ['failed ENODEV']);
      medium.close();
    });
  });
}
