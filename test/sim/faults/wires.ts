import type { SimCluster } from '../cluster.ts';
import type { Weather } from '../network.ts';
import { type Fault, type Faults, span, undoLater } from './fault.ts';

const LASTS_MS_MAX = 20_000;

/** One kind of bad weather for a while, on top of what there is. */
function weather(what: keyof Weather, perMilleMax: number): Fault {
  return (cluster, node) => {
    const chance = 1 + cluster.random.below(perMilleMax);
    cluster.network.weather[what] = chance;
    cluster.log(node, `--- ${what} of ${chance} per mille`);
    undoLater(cluster, span(cluster, 200, LASTS_MS_MAX), () => {
      cluster.network.weather[what] = 0;
    });
  };
}

function cut(cluster: SimCluster, text: string, node: string, ways: readonly (readonly [string, string, string])[]): void {
  cluster.log(node, `--- ${text}`);
  for (const [from, to, link] of ways) cluster.network.cut(from, to, link);
  undoLater(cluster, span(cluster, 200, LASTS_MS_MAX), () => {
    cluster.log(node, `--- healed: ${text}`);
    for (const [from, to, link] of ways) cluster.network.heal(from, to, link);
  });
}

/** What networks do to packets. */
export const WIRE_FAULTS: Faults = {
  loss: weather('loss', 400),
  duplicate: weather('duplicate', 200),
  delay: weather('delay', 400),
  corrupt: weather('corrupt', 80),
  cutAll: (cluster, node, other) =>
    cut(
      cluster,
      'all links cut',
      node,
      cluster.links.flatMap((link) => [[node, other, link] as const, [other, node, link] as const]),
    ),
  cutOneWay: (cluster, node, other) =>
    cut(
      cluster,
      'not heard any more',
      node,
      cluster.links.map((link) => [node, other, link] as const),
    ),
  cutOneLink: (cluster, node, other) => {
    const link = cluster.links[cluster.random.below(cluster.links.length)] ?? '';
    cut(cluster, `${link} cut`, node, [
      [node, other, link],
      [other, node, link],
    ]);
  },
  swallow: (cluster, node) => {
    cluster.log(node, '--- next packets lost');
    cluster.network.swallow.set(node, 1 + cluster.random.below(20));
  },
  latency: (cluster, node) => {
    const ms = Math.round(span(cluster, 5, 800));
    cluster.network.latencyMs.set(node, ms);
    cluster.log(node, `--- packets take ${ms} ms longer`);
    undoLater(cluster, span(cluster, 500, LASTS_MS_MAX), () => cluster.network.latencyMs.delete(node));
  },
  mediumFails: (cluster, node) => {
    const link = cluster.links[cluster.random.below(cluster.links.length)] ?? '';
    const reopen = cluster.network.fail(node, link);
    if (reopen === undefined) return false;
    cluster.log(node, `--- ${link} is down`);
    undoLater(cluster, span(cluster, 200, LASTS_MS_MAX), () => {
      cluster.log(node, `--- ${link} is up`);
      reopen();
    });
    return true;
  },
};
