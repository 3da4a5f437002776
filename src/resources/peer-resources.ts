import type { ResourceMessage } from './control.ts';
import { type GroupTerm, readTerms } from './epoch-list.ts';
import { fromWord, isEmpty, mirrored, NOTHING, type SideSet, union } from './ownership.ts';
import type { ResourcePort } from './port.ts';

/** What the peer has said of its resources, from OUR viewpoint (its `foreign` is our `local`). */
export interface PeerResources {
  /** `rsc_hold`: what it claims. Shrinks when a release begins (wire-protocol 7.4). */
  holds: SideSet;
  /** `hbd_hold`: what may run there, moves included. Unknown from a 3.0.6 node. */
  runs: SideSet | undefined;
  /** `hbd_before`: what it held before it took anything over from a dead node. */
  before: SideSet | undefined;
  /** Its last `isstable`. */
  stable: boolean;
  /** It has answered our `starting` of this generation. */
  answered: boolean;
  /** Its `shutdone` was heard: it holds nothing and is on its way out. */
  left: boolean;
  /** The generation of its `starting`, once heard: quoted in our answers. */
  startingGeneration: number | undefined;
  /** It sends our fields. */
  speaksOurs: boolean;
  /** It told us of its resources in this life. */
  told: boolean;
  /** The newest `resource` of its present life: older ones, delivered late, are history. */
  seq: number;
  /** `hbd_file`: the mark of the groups it has read; undefined from a 3.0.6 node. */
  file: string | undefined;
  /** `hbd_words`: marks of the resources that run there; undefined where the sets say it all. */
  words: ReadonlySet<string> | undefined;
  /** `hbd_wants`: marks of those it is about to start, too. */
  wants: ReadonlySet<string>;
  /** The newest message that told these. */
  fileSeq: number;
  /** `hbd_epochs`: all groups that it owns or runs, by mark; undefined where the sets have to say it. */
  terms: Map<string, GroupTerm> | undefined;
  /** `hbd_away`: it stood still, and may have been counted as dead. */
  away: boolean;
}

export function unknownPeer(): PeerResources {
  return {
    holds: NOTHING,
    runs: undefined,
    before: undefined,
    stable: false,
    answered: false,
    left: false,
    startingGeneration: undefined,
    speaksOurs: false,
    told: false,
    seq: 0,
    file: undefined,
    words: undefined,
    wants: new Set(),
    fileSeq: 0,
    terms: undefined,
    away: false,
  };
}

/** Takes a `resource` message into account, but for its `isstable`. false: it says nothing that counts (wire-protocol 7.2.3). */
export function hearResource(peer: PeerResources, message: ResourceMessage, port: ResourcePort): boolean {
  const word = message.get('rsc_hold');
  if (word === undefined) {
    port.note('resourceWithoutHold');
    return false;
  }
  // What ours say to 3.0.6 leaves out a set of which nothing runs; it is theirs all the same.
  const theirs = fromWord(word) && fromWord(message.get('hbd_claim') ?? word);
  if (theirs === undefined) {
    port.note('badResourceType', { word });
    return false;
  }
  if (message.seq < peer.seq || peer.left) return false;
  peer.seq = message.seq;
  const holds = mirrored(theirs);
  peer.holds = message.get('rtype') === 'full' || isEmpty(holds) ? holds : union(peer.holds, holds);
  peer.told = true;
  peer.speaksOurs ||= message.get('hbd_v') !== undefined;
  peer.runs = mirroredWord(message.get('hbd_hold'));
  peer.before = mirroredWord(message.get('hbd_before'));
  peer.terms = readTerms(message.get('hbd_epochs'));
  peer.away = message.get('hbd_away') !== undefined;
  return true;
}

function mirroredWord(word: string | undefined): SideSet | undefined {
  const set = fromWord(word);
  return set === undefined ? undefined : mirrored(set);
}
