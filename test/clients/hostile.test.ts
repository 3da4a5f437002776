/** Whatever local programs do in whatever order: no throw, no word to those who are gone, no lie on the wire. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Effect } from '../../src/contracts/engine.ts';
import { Message, text } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { pair } from '../engine/support.ts';
import { APIAUTH, ROOT } from './support.ts';

const REQUESTS = ['signon', 'signoff', 'setfilter', 'setsignal', 'nodelist', 'nodestatus', 'iflist', 'ifstatus', 'clientstatus', 'getparm'];
const word = fc.oneof(
  fc.constantFrom('mycl', 'ipfail', '400', 'n1', 'n2', '3f', '10', 'constructor', '__proto__', ''),
  fc.string({ maxLength: 12, unit: 'binary-ascii' }),
);
const name = fc.constantFrom(
  't',
  'reqtype',
  'dest',
  'from_id',
  'to_id',
  'src',
  'seq',
  'hg',
  'node',
  'ifname',
  'cn',
  'pname',
  'fmask',
  'signal',
  'destuuid',
);
const fields = fc.array(fc.tuple(name, word), { maxLength: 8 });
const request = fc
  .tuple(fc.constantFrom(...REQUESTS), fields)
  .map(
    ([type, more]) => [['t', 'hbapi-req'], ['reqtype', type], ['pid', '400'], ['uid', '0'], ['gid', '0'], ...more] as [string, string][],
  );
const message = fc.tuple(fc.oneof(request, request, fields), fc.boolean(), fc.integer({ min: 0, max: 5 })).map(([pairs, classic, kind]) => {
  const all = pairs.map(([key, value], index) => (index === kind ? { type: 1 as const, name: key, value } : text(key, value)));
  return writePlain(new Message(all), classic ? 'classic' : 'netstring');
});
const client = fc.integer({ min: 1, max: 6 });
const action = fc.oneof(
  fc.record({ kind: fc.constant('clientConnected' as const), client }),
  fc.record({
    kind: fc.constant('clientMessage' as const),
    client,
    bytes: fc.oneof(message, message, message, fc.uint8Array({ maxLength: 60 })),
  }),
  fc.record({ kind: fc.constant('clientGone' as const), client }),
  fc.record({ kind: fc.constant('localMessage' as const), bytes: message }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
);
const NEVER_THEIRS: ReadonlySet<string> = new Set(['starting', 'shutdone', 'repnodes', 'reqnodes', 'stonith']);

test('any order of anything', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { rig, peer } = pair({ apiauth: APIAUTH });
      const open = new Set<number>();
      const look = (effects: readonly Effect[]) => {
        for (const effect of effects) {
          if (effect.kind === 'clientSend') assert.ok(open.has(effect.client), 'a word to nobody');
          if (effect.kind === 'clientClose') assert.ok(open.delete(effect.client), 'closed twice');
          if (effect.kind === 'clientSignal') assert.equal(effect.pid, ROOT.pid);
        }
      };
      for (const step of actions) {
        const before = rig.effects.length;
        if (step.kind === 'wait') {
          rig.wait(step.ms);
          rig.hear(peer.status('active'));
        } else if (step.kind === 'clientConnected') {
          if (open.has(step.client)) continue;
          open.add(step.client);
          rig.give({ ...step, credentials: ROOT });
        } else if (step.kind === 'localMessage') rig.give(step);
        else {
          if (!open.has(step.client)) continue;
          if (step.kind === 'clientGone') open.delete(step.client);
          rig.give(step);
        }
        look(rig.effects.slice(before));
      }
      for (const { message: sent } of rig.sent) {
        assert.equal(sent.get('src'), 'n2');
        assert.ok(!NEVER_THEIRS.has(sent.type));
      }
      let last = 0;
      for (const { message: sent } of rig.sent) {
        const number = Number.parseInt(sent.get('seq') ?? '0', 16);
        if (number === 0) continue;
        assert.ok(last === 0 || number === last + 1, 'numbers follow each other');
        last = number;
      }
    }),
    { numRuns: 400 },
  );
});
