/** Membership messages of local programs: no answer but the log (wire-protocol 10.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { Membership } from '../../src/cluster/membership.ts';
import { Roster } from '../../src/cluster/roster.ts';
import type { Effect } from '../../src/contracts/engine.ts';
import { Members } from '../../src/engine/members.ts';
import { Notes } from '../../src/engine/notes.ts';
import { Message } from '../../src/protocol/message.ts';
import { testConfig } from './support.ts';

const NOW = { at: 0, unixSeconds: 1, load: '' };

function setup() {
  const effects: Effect[] = [];
  const sent: string[] = [];
  const notes = new Notes((effect) => effects.push(effect));
  const nothing = () => undefined;
  const membership = new Membership(testConfig(), 0, seededRandom(1), {
    note: nothing,
    appeared: nothing,
    restarted: nothing,
    changed: nothing,
    died: nothing,
    returned: nothing,
    linkChanged: nothing,
  });
  membership.self.status = 'active';
  const roster = new Roster(membership, ['n1', 'n2'], { note: nothing, removed: nothing, partnerChanged: nothing });
  const outbox = { send: (type: string, fields: readonly (readonly [string, string])[]) => void sent.push(`${type} ${fields.join(' ')}`) };
  const members = new Members({ membership, roster, outbox, notes, stop: () => assert.fail('nobody stops') });
  const give = (...pairs: readonly (readonly [string, string])[]) => members.local(NOW, Message.of(...pairs));
  const codes = () => effects.flatMap((effect) => (effect.kind === 'note' ? [effect.note.code] : []));
  return { give, sent, codes, roster };
}

test('what may be done is sent and done; what may not is only told', () => {
  const { give, sent, codes, roster } = setup();
  give(['t', 'addnode'], ['nodelist', 'n3 N4']);
  assert.deepEqual(roster.names, ['n1', 'n2', 'n3', 'n4']);
  give(['t', 'setweight'], ['node', 'n3'], ['weight', '7']);
  give(['t', 'setsite'], ['node', 'N3'], ['site', 'east']);
  assert.deepEqual(sent, ['addnode nodelist,n3 n4', 'setweight node,n3 weight,7', 'setsite node,n3 site,east']);
  assert.deepEqual(codes(), []);
  give(['t', 'delnode'], ['nodelist', 'n3']);
  give(['t', 'delnode'], ['nodelist', 'n2']);
  give(['t', 'addnode'], ['nodelist', 'n3']);
  give(['t', 'addnode'], ['nodelist', '  ']);
  assert.equal(sent.length, 3);
  assert.deepEqual(codes(), ['deletionWithoutAll', 'deleteNodeFailed', 'addNodeRefused', 'badMemberMessage']);
});
