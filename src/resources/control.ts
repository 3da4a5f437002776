import type { Instant, Now } from '../contracts/basics.ts';
import type { AutoFailback, ResourceGroup } from '../contracts/config.ts';
import type { CommandRequest, HeldResources } from '../contracts/engine.ts';
import type { GroupStatus, ResourceSetWord } from '../contracts/status.ts';
import type { ScriptFields } from '../protocol/script-fields.ts';

/** One cluster message of the resource protocol, already authenticated, numbered and known to be for us. */
export interface ResourceMessage {
  readonly type: string;
  readonly from: string;
  readonly seq: number;
  readonly generation: number;
  get(field: string): string | undefined;
  /** What the scripts that it starts get of it. */
  fields?(): ScriptFields;
}

/** What of a new reading of the files the resource side follows while it runs. */
export interface ResourceSettings {
  readonly groups: readonly ResourceGroup[];
  /** Between `on` and `off`; from and to `legacy` a restart in place leads. */
  readonly failback: AutoFailback;
  readonly stopRetryMax: number;
  readonly failureTimeoutMs: number;
}

/** What follows for resources from this node's own absence. */
export interface Absence {
  /** It may have been counted as dead: no script is started until `goOn`. */
  hold(now: Now): void;
  goOn(now: Now): void;
  /** A question that only the peer's present state can answer: `word` comes back with it (`hbd_saw`). Not where the peer does not know it. */
  ask?(word: string): void;
  /** A `status` of the peer, newer than those before: what it says of us (`hbd_dead`). */
  peerStatus(now: Now, seq: number, countedDead: string | undefined): void;
  /** For our `status`. */
  readonly statusFields: readonly (readonly [string, string])[];
  /** The peer claims what we hold, and it is not decided yet who keeps it. */
  readonly disputed: boolean;
}

/** What the engine asks of the resource side: one implementation per meaning of `auto_failback`. */
export interface ResourceControl {
  /** Communication is up and we said `active`. */
  activate(now: Now): void;
  peerDied(now: Now): void;
  /** The same life of the peer is heard again after it was declared dead. */
  peerReturned(now: Now): void;
  /** Heard for the first time in its present life, or in ours. */
  peerAppeared(now: Now): void;
  /** A new life of the peer, where an older one was known. */
  peerRestarted(now: Now): void;
  /** Messages between the two were lost for good, or ours arrive after what followed them: say anew how things stand. */
  newsAstray(now: Now): void;
  /** The peer says `active` now. */
  peerActive(now: Now): void;
  message(now: Now, message: ResourceMessage): void;
  /** Answers why not, or undefined once the request is on its way. */
  standby(now: Now, set: ResourceSetWord | 'failback'): string | undefined;
  takeover(now: Now, set: ResourceSetWord | 'failback'): string | undefined;
  /** Release everything, then `released`. */
  stop(now: Now): void;
  alarm(now: Now): void;
  nextAlarm(): Instant | undefined;
  /** A reload. Changed groups take effect when nothing moves. */
  configure(now: Now, settings: ResourceSettings): void;
  /** The peer said that it lives, and what it speaks. */
  peerSpoke?(now: Now): void;
  /** This node was away, or the other one says so. */
  readonly absence: Absence;
  /** No script runs, no hand-over is under way and none waits: a restart in place would lose nothing. */
  readonly atRest: boolean;
  /** As what it works at present, where that is not what the file says. */
  readonly failback?: AutoFailback;
  /** What a next life has to begin with. */
  readonly held: HeldResources;
  rscstatus(): ResourceSetWord | 'transition';
  /** `at`: with the ages of failures, and how long they last. */
  groupStatus(at?: Instant): GroupStatus[];
  /** An operator's word: failed starts of the group with this key (`all`: of every group) are forgotten, on the peer too. Answers why not. */
  clearFailures?(now: Now, key: string): string | undefined;
}

/** Not every kind of resource side keeps records of failed starts. */
export function clearFailures(side: ResourceControl, now: Now, key: string): string | undefined {
  return side.clearFailures === undefined ? 'with auto_failback legacy no failed start is remembered' : side.clearFailures(now, key);
}

export type ResourceRequest = Extract<CommandRequest, { name: 'standby' | 'takeover' | 'clearfailure' }>;

/** What an operator asks for. Answers why not. */
export function commandResources(side: ResourceControl, now: Now, request: ResourceRequest): string | undefined {
  if (request.name === 'clearfailure') return clearFailures(side, now, request.group);
  return request.name === 'standby' ? side.standby(now, request.set) : side.takeover(now, request.set);
}

/** The message types that only this part understands. */
export const RESOURCE_TYPES: ReadonlySet<string> = new Set([
  'starting',
  'resource',
  'ask_resources',
  'hb_takeover',
  'shutdone',
  'ip-request',
  'ip-request-resp',
]);
