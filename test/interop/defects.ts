/**
 * Where a mixed pair may differ from two 3.0.6, each by a defect of 3.0.6 that the reference names, or by something that heartbeatd
 * does better. What is not in this list fails.
 */

import type { Result } from './perform.ts';
import type { Difference, Kind } from './reference.ts';

export interface Defect {
  readonly events: RegExp;
  readonly pairing?: string;
  readonly kind: Kind;
  readonly step?: RegExp;
  readonly text?: RegExp;
  /** Why, with its place in the reference. */
  readonly reason: string;
}

const FAILBACK = "`hb_takeover failback`: 3.0.6 moves everything (tools, hb_takeover: bug), heartbeatd the asker's own groups";
const THREE =
  "three nodes: R1 has two; in 3.0.6 every survivor takes a dead node's group (two holders, see the runs of 3.0.6 alone), heartbeatd leaves all groups alone and says so";
const ADDED =
  '`hb_addnode`: a 3.0.6 node says that it holds all once the new node stays silent; heartbeatd does not, and refuses to add one beside 3.0.6';
const STOP = 'a stop script that fails: 3.0.6 resets its machine (scenarios 7), heartbeatd keeps the group and tries again';
const NETSTRING =
  '`msgfmt netstring`: 3.0.6 loses the word of its own mach_down and says `transition` for ever after a takeover; heartbeatd does not';

export const defects: readonly Defect[] = [
  { events: /^takeover-/, kind: 'end', step: /^takeover \w+ failback$/, reason: FAILBACK },
  { events: /^takeover-/, kind: 'words', step: /^takeover \w+ failback$/, reason: FAILBACK },
  { events: /^third-/, kind: 'words', reason: THREE },
  { events: /^third-/, kind: 'end', reason: THREE },
  { events: /^third-/, kind: 'gap', reason: THREE },
  { events: /^third-/, kind: 'severe', text: /^ours: CRIT: N nodes are configured/, reason: THREE },
  { events: /msgfmt=netstring/, kind: 'words', text: /with two 3\.0\.6 [a-z]+\/transition$/, reason: NETSTRING },
  { events: /^members-/, kind: 'words', reason: ADDED },
  { events: /^members-/, kind: 'severe', text: /^ours: ERROR: hb_(?:add|remove)_one_node/, reason: ADDED },
  { events: /^failing-stop-/, kind: 'end', reason: STOP },
  { events: /^failing-stop-/, kind: 'words', reason: STOP },
  { events: /^failing-stop-/, kind: 'severe', text: /^ours: EMERG: would reset this host/, reason: STOP },
];

/** The differences that nothing explains, and the reasons of the others. */
export function explain(
  found: readonly Difference[],
  { subject, pairing }: Pick<Result, 'subject' | 'pairing'>,
): { faults: string[]; reasons: string[] } {
  const faults: string[] = [];
  const reasons = new Set<string>();
  for (const difference of found) {
    const defect = defects.find(
      (each) =>
        each.events.test(subject) &&
        (each.pairing === undefined || each.pairing === pairing) &&
        each.kind === difference.kind &&
        (each.step === undefined || each.step.test(difference.step)) &&
        (each.text === undefined || each.text.test(difference.text)),
    );
    if (defect === undefined) faults.push(difference.step === '' ? difference.text : `${difference.step}: ${difference.text}`);
    else reasons.add(defect.reason);
  }
  return { faults, reasons: [...reasons] };
}
