import { judgesStarts } from '../checkers/spoilt.ts';
import type { SimCluster } from '../cluster.ts';
import { type Fault, type Faults, span, undoLater } from './fault.ts';

/** A resource of the files as they are now. */
export function oneWord(cluster: SimCluster): string {
  const words = cluster.groups.flatMap(({ resources }) => resources.map(({ word }) => word));
  return words[cluster.random.below(words.length)] ?? '';
}

function fails(what: 'failingStarts' | 'failingStops', text: string): Fault {
  return (cluster, node) => {
    const word = oneWord(cluster);
    const failing = cluster.host(node)[what];
    if (failing.has(word)) return false;
    failing.add(word);
    cluster.log(node, `--- ${text} of ${word} fails`);
    if (what === 'failingStops' || !judgesStarts(cluster)) cluster.needsCleaning = true;
    undoLater(cluster, span(cluster, 200, 20_000), () => failing.delete(word));
    return true;
  };
}

/** What resource scripts do to those who wait for them. */
export const SCRIPT_FAULTS: Faults = {
  slowScripts: (cluster, node) => {
    const { pace } = cluster.host(node);
    pace.spread = Math.round(span(cluster, 100, 4000));
    cluster.log(node, `--- scripts take up to ${pace.spread} ms`);
    undoLater(cluster, span(cluster, 500, 20_000), () => {
      pace.spread = 20;
    });
  },
  hangingScripts: (cluster, node) => {
    const host = cluster.host(node);
    if (host.hanging) return false;
    host.hanging = true;
    cluster.log(node, '--- scripts hang');
    undoLater(cluster, span(cluster, 500, 15_000), () => {
      cluster.log(node, '--- scripts go on');
      cluster.scriptsHungUntil = cluster.timeline.now;
      host.releaseHanging();
    });
    return true;
  },
  failingStart: fails('failingStarts', 'start'),
  failingStop: fails('failingStops', 'stop'),
  lyingStatus: (cluster, node) => {
    const word = oneWord(cluster);
    const { lies } = cluster.host(node);
    if (lies.has(word)) return false;
    const lie = cluster.random.below(2) === 0 ? 'running' : 'stopped';
    lies.set(word, lie);
    cluster.log(node, `--- status of ${word} says ${lie}`);
    cluster.needsCleaning = true;
    undoLater(cluster, span(cluster, 200, 20_000), () => lies.delete(word));
    return true;
  },
  /** A group comes up with the host, before any daemon. */
  alreadyRunning: (cluster, node) => {
    if (!cluster.isDown(node) || cluster.host(node).running.size > 0) return false;
    const groups = cluster.file(node);
    const group = groups[cluster.random.below(groups.length)];
    if (group === undefined) return false;
    // A host that has just come up has no journal, and nobody who gives up what one names.
    cluster.powerOff(node);
    cluster.judgedAt = cluster.splitAt = cluster.timeline.now;
    cluster.log(node, `--- ${group.key} comes up with the host`);
    for (const { word } of group.resources) cluster.host(node).running.add(word);
    return true;
  },
};
