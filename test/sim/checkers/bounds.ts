import type { SimCluster } from '../cluster.ts';

const LOOK_MS = 500;
/** Packets on their way, timers and scripts of two nodes and their programs together. */
const WAITING_MAX = 1500;
/** Alarms that one daemon has set at a time. */
const ALARMS_MAX = 1;

/** Nothing grows without end: what waits on the wires and in the timers, and the alarms that a daemon has set. */
export function watchBounds(cluster: SimCluster): void {
  let lookAt = 0;
  cluster.check(() => {
    const { now, waiting } = cluster.timeline;
    if (now < lookAt) return;
    lookAt = now + LOOK_MS;
    if (waiting > WAITING_MAX) cluster.violation(`${waiting} things wait to happen`);
    for (const { name } of cluster.hosts) {
      const alarms = cluster.alarms(name);
      if (alarms > ALARMS_MAX) cluster.violation(`${name} has set ${alarms} alarms`);
    }
  });
}
