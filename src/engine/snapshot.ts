import { COMPATIBLE_VERSION, VERSION } from '../base/version.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { Instant } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { NodeStatus, StatusSnapshot } from '../contracts/status.ts';
import type { ResourceControl } from '../resources/control.ts';
import type { Keys } from './keys.ts';

function nodeStatus(node: NodeRecord, at: Instant, keys: Keys): NodeStatus {
  return {
    name: node.name,
    type: 'normal',
    weight: node.weight,
    site: node.site,
    status: node.status,
    links: [...node.links].map(([name, link]) => ({ name, status: link.status })),
    generation: node.generation,
    deadtimeMs: node.deadtimeMs,
    heartbeatd: node.heartbeatd,
    ...keys.of(node),
    ...(node.heard ? { heardMsAgo: Math.max(0, Math.round(at - node.statusAt)) } : {}),
  };
}

/** A copy for those who ask; nothing in it is live. */
export function takeSnapshot(parts: {
  readonly at: Instant;
  readonly config: Config;
  readonly generation: number;
  readonly state: string;
  readonly membership: Membership;
  readonly resources: ResourceControl | undefined;
  readonly counters: ReadonlyMap<string, number>;
  readonly keys: Keys;
}): StatusSnapshot {
  const { at, config, membership, resources, keys } = parts;
  const self = { ...nodeStatus(membership.self, at, keys), generation: parts.generation, heartbeatd: true };
  return {
    node: config.self,
    version: `${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`,
    generation: parts.generation,
    state: parts.state,
    rscstatus: resources?.rscstatus() ?? 'none',
    ...(config.manageResources ? {} : { unmanaged: true }),
    nodes: membership.nodes.map((node) => (node === membership.self ? self : nodeStatus(node, at, keys))),
    groups: resources?.groupStatus(at) ?? [],
    parameters: config.parameters,
    counters: Object.fromEntries(parts.counters),
    keys: keys.status,
    warnings: config.unmet.map((unmet) => `${unmet.word}: ${unmet.text}`),
  };
}
