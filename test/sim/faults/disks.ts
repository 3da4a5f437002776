import { type Faults, span, undoLater } from './fault.ts';

/** The disk with the generation on it. */
export const DISK_FAULTS: Faults = {
  slowSaves: (cluster, node) => {
    const host = cluster.host(node);
    host.saveMs = Math.round(span(cluster, 20, 6000));
    cluster.log(node, `--- saves take ${host.saveMs} ms`);
    undoLater(cluster, span(cluster, 500, 20_000), () => {
      host.saveMs = 2;
    });
  },
  failingSaves: (cluster, node) => {
    const host = cluster.host(node);
    if (host.saveFails) return false;
    host.saveFails = true;
    cluster.log(node, '--- saves fail');
    undoLater(cluster, span(cluster, 500, 20_000), () => {
      host.saveFails = false;
    });
    return true;
  },
};
