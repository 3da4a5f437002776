import { type Faults, span, undoLater } from './fault.ts';

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
};
