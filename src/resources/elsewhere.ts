import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceMessage } from './control.ts';
import { type GroupChange, groupsMark, mark, sameWords, sharedWords, wordsOf } from './group-list.ts';
import type { ResourceState } from './state.ts';

/** Marks in one list, at most: 4000 bytes of a packet. What is beyond is guarded by the sets alone. */
const MARKS_MAX = 400;
/** In place of them as long as the scripts have not told what runs. */
const UNKNOWN = '?';

/**
 * What the peer may run although the sets do not say so. The sets of wire-protocol 7.1 mean the same on both nodes only
 * as long as both have the same haresources and run by it. While one of them has not read a changed file yet, or runs a
 * group by an older definition, heartbeatd nodes tell each other which resources they run, and no group is started whose
 * resource runs on the other node. A 3.0.6 node tells nothing: there, what it had by the old file counts as running.
 */
export class Elsewhere {
  readonly #state: ResourceState;
  /** What the peer had by an older file of ours, until its own word or its end. */
  readonly #assumed = new Set<string>();
  #file: string;
  /** In several groups of one file, a web server of either node say: they tell nothing about where a group is. */
  #shared: ReadonlySet<string>;
  /** The two marks for which the peer was asked what it runs. */
  #askedFor = '';
  #toldFor = '';

  constructor(state: ResourceState) {
    this.#state = state;
    this.#file = groupsMark(state.groups);
    this.#shared = sharedWords(state.groups);
  }

  // --- the file ---

  /** Called before the new groups take the place of the old ones. */
  fileChanges(change: GroupChange): void {
    const { failback, lending, ownership, peerPresent } = this.#state;
    // With `legacy` every group is asked for by its key before it is started.
    if (peerPresent && failback !== 'legacy') {
      for (const old of [...change.removed, ...change.changed]) {
        if (ownership.owns(old) && !lending.mayBeAway(old)) continue;
        for (const word of wordsOf(old)) if (!this.#shared.has(word)) this.#assumed.add(mark(word));
      }
    }
    this.#file = groupsMark(change.listed);
    // Also those of the old file, by which groups still run.
    this.#shared = new Set([...sharedWords(this.#state.groups), ...sharedWords(change.listed)]);
  }

  /** The peer has read the same groups. */
  get sameFile(): boolean {
    return this.#state.peer.file === this.#file;
  }

  // --- what we say ---

  /** For each message that the peer decides by. */
  fields(): [string, string][] {
    const fields: [string, string][] = [['hbd_file', this.#file]];
    const { peer, groups } = this.#state;
    if (!this.#state.probed) return [...fields, ['hbd_words', UNKNOWN]];
    const differs = peer.file !== undefined && peer.file !== this.#file;
    if (differs || this.#deviates) {
      const running = this.#state.everyGroup.flatMap((group) => wordsOf(this.#state.work.definition(group)));
      const wanted = groups.filter((group) => this.#wants(group)).flatMap(wordsOf);
      fields.push(['hbd_words', this.#list(running.filter((word) => this.#state.work.runs(word)))], ['hbd_wants', this.#list(wanted)]);
    }
    return fields;
  }

  /** The same, where it says more than that all is as the sets tell. */
  cautions(): [string, string][] {
    const fields = this.fields();
    return fields.length > 1 ? fields : [];
  }

  /** The peer has another file and has not said yet what it runs by it. Asked once for each pair of files. */
  asksNow(): boolean {
    const { peer } = this.#state;
    if (peer.file === undefined || peer.file === this.#file || peer.words !== undefined) return false;
    const pair = `${peer.file} ${this.#file}`;
    if (this.#askedFor === pair) return false;
    this.#askedFor = pair;
    return true;
  }

  /** Something runs here by another definition than the file's, or that the file has not any more. */
  get #deviates(): boolean {
    const { departing, groups, work } = this.#state;
    return departing.length > 0 || groups.some((group) => work.mayRun(group) && !sameWords(group, work.definition(group)));
  }

  #wants(group: ResourceGroup): boolean {
    const { lending, ownership, peerMayHold, phase, work } = this.#state;
    const soon = phase === 'starting' && ownership.sideOf(group) === 'local' && !peerMayHold.local;
    return (soon || ownership.owns(group)) && work.state(group) !== 'failed' && !lending.blocked(group);
  }

  #list(words: readonly string[]): string {
    const known = words.filter((word) => !this.#shared.has(word)).map(mark);
    return [...new Set(known)].slice(0, MARKS_MAX).join(' ');
  }

  // --- what the peer says ---

  hear(message: ResourceMessage): void {
    const { peer, port } = this.#state;
    const file = message.get('hbd_file');
    if (file === undefined || message.seq < peer.fileSeq || peer.left) return;
    peer.fileSeq = message.seq;
    peer.file = file.slice(0, 32);
    const words = message.get('hbd_words');
    const before = peer.words;
    peer.words = words === undefined || words === UNKNOWN ? undefined : marks(words);
    if (before !== undefined && words !== UNKNOWN) this.#letGo(before);
    peer.wants = marks(message.get('hbd_wants') ?? '');
    if (words !== UNKNOWN && (peer.words !== undefined || peer.file === this.#file)) this.#assumed.clear();
    const pair = `${peer.file} ${this.#file}`;
    if (pair === this.#toldFor) return;
    if (peer.file !== this.#file) port.note('groupsDiffer', { node: message.from });
    else if (this.#toldFor !== '') port.note('groupsAlike', { node: message.from });
    this.#toldFor = pair;
  }

  /** What ran on both runs here alone now: the neighbours may have heard of the other one last. */
  #letGo(before: ReadonlySet<string>): void {
    const { peer, work } = this.#state;
    const gone = (word: string): boolean => before.has(mark(word)) && peer.words?.has(mark(word)) !== true;
    if (this.#state.everyGroup.some((group) => wordsOf(group).some((word) => gone(word) && work.runs(word)))) this.#state.announceHeld();
  }

  /** The peer lives anew. What ran there may run there still. */
  peerRestarted(): void {
    for (const word of this.#state.peer.words ?? []) this.#assumed.add(word);
  }

  /** The peer is dead, or has given up everything. */
  peerGone(): void {
    this.#assumed.clear();
  }

  /** A 3.0.6 node has handed these groups to us, by its own file: they run there no more. */
  released(groups: readonly ResourceGroup[]): void {
    for (const group of groups) for (const word of wordsOf(group)) this.#assumed.delete(mark(word));
  }

  // --- what follows ---

  /** May not be started now: a resource of it runs on the peer. */
  contested(group: ResourceGroup): boolean {
    const { failback, peer, peerPresent, self } = this.#state;
    if (!peerPresent || failback === 'legacy' || (peer.words === undefined && this.#assumed.size === 0)) return false;
    const runs = peer.words ?? this.#assumed;
    // Where both are about to start it, the lower name goes first.
    const yields = (this.#state.peerView()?.name ?? '') < self;
    const busyThere = (word: string) => runs.has(mark(word)) || (yields && peer.wants.has(mark(word)) && !this.#state.work.runs(word));
    return wordsOf(group).some((word) => !this.#shared.has(word) && busyThere(word));
  }

  /** Groups of which a resource runs on both nodes. */
  doubled(): ResourceGroup[] {
    const { peer, peerPresent, work } = this.#state;
    const words = peer.words;
    if (!peerPresent || words === undefined || words.size === 0) return [];
    const both = (word: string) => !this.#shared.has(word) && work.runs(word) && words.has(mark(word));
    // Where both hold the group, or its set, it is for the heal to say who keeps it.
    const alone = this.#state.groups.filter((group) => work.mayRun(group) && !this.#state.peerHas(group));
    return alone.filter((group) => wordsOf(work.definition(group)).some(both));
  }
}

function marks(list: string): ReadonlySet<string> {
  const words = list.slice(0, MARKS_MAX * 9).split(' ');
  return new Set(words.filter((word) => word !== '').slice(0, MARKS_MAX));
}
