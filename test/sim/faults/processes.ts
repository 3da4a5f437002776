import { type Faults, span, undoLater } from './fault.ts';

/** Daemons and hosts that end, at any moment, and begin again. */
export const PROCESS_FAULTS: Faults = {
  powerOff: (cluster, node) => cluster.powerOff(node),
  /** The daemon and its guardian. */
  kill: (cluster, node) => cluster.kill(node),
  stop: (cluster, node) => cluster.stop(node),
  /** Back before its deadtime has passed. */
  quickRestart: (cluster, node) => {
    if (!cluster.kill(node)) return false;
    undoLater(cluster, span(cluster, 50, cluster.deadtimeMs * 0.9), () => cluster.start(node));
    return true;
  },
  /** Back when the other has counted it dead, and perhaps while that one takes over. */
  lateRestart: (cluster, node) => {
    if (!cluster.powerOff(node)) return false;
    undoLater(cluster, cluster.deadtimeMs + span(cluster, 20, 10_000), () => cluster.start(node));
    return true;
  },
  /** Back after a clean stop, as soon as that has ended. */
  stopAndStart: (cluster, node) => {
    if (!cluster.stop(node)) return false;
    const again = () => {
      if (cluster.daemonAlive(node)) undoLater(cluster, 300, again);
      else cluster.start(node);
    };
    undoLater(cluster, 300, again);
    return true;
  },
  restart: (cluster, node) => cluster.restart(node),
};

/** What somebody does who sees a node down. */
export const PROCESS_REMEDIES: Faults = {
  start: (cluster, node) => cluster.start(node),
};
