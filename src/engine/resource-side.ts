import type { NodeRecord } from '../cluster/node.ts';
import type { Now } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';
import { AsPeer } from '../resources/as-peer.ts';
import { commandResources, type ResourceControl, type ResourceRequest } from '../resources/control.ts';
import { LegacyFailback } from '../resources/legacy.ts';
import { NiceFailback } from '../resources/nice.ts';
import type { PeerView, ResourcePort } from '../resources/port.ts';
import { ResourceState } from '../resources/state.ts';
import type { JournalKeeper } from './journal-keeper.ts';

/** The resource side that the configuration asks for; there is none with more than two nodes, nor with `-M`. */
export function createResourceSide(setup: {
  readonly config: Config;
  readonly generation: number;
  readonly port: ResourcePort;
  readonly partner: () => NodeRecord | undefined;
  /** What a life of this daemon before this one, in its place, has left running. */
  readonly held: HeldResources | undefined;
  readonly journal: JournalKeeper;
  /** What an earlier life has written of ownership. */
  readonly epochs: string | undefined;
}): ResourceControl | undefined {
  const { config, generation, port, partner, held, epochs } = setup;
  if (config.nodes.length > 2 || !config.manageResources) return undefined;
  const state = new ResourceState({
    self: config.self,
    generation,
    groups: config.groups,
    failback: config.autoFailback,
    stopRetryMax: config.stopRetryMax,
    failureTimeoutMs: config.failureTimeoutMs,
    port,
    peerView: () => viewOf(partner()),
  });
  if (epochs !== undefined) state.epochs.restore(epochs);
  if (held !== undefined) state.inherit(held);
  setup.journal.watch(state);
  if (config.niceFailback) return new AsPeer(state);
  return config.autoFailback === 'legacy' ? new LegacyFailback(state) : new NiceFailback(state);
}

function viewOf(peer: NodeRecord | undefined): PeerView | undefined {
  if (peer === undefined) return undefined;
  return {
    name: peer.name,
    status: peer.status,
    lastSeq: peer.tracker.last ?? 0,
    legacy: peer.legacy,
    heartbeatd: peer.heartbeatd,
    generation: peer.generation,
    silenceEndedAt: peer.silenceEndedAt,
  };
}

/** Carries out what an operator asks of resources; answers why not. */
export function resourceCommand(
  resources: ResourceControl | undefined,
  manageResources: boolean,
  now: Now,
  request: ResourceRequest,
): string | undefined {
  if (resources === undefined) return manageResources ? 'resources move between two nodes only' : 'heartbeat runs with -M';
  return commandResources(resources, now, request);
}
