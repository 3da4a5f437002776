import type { Places } from '../contracts/daemon.ts';

/** Where 3.0.6 keeps its things on Debian; every program takes other folders for daemons that run beside. */
export const DEFAULT_PLACES: Places = { configDir: '/etc/ha.d', stateDir: '/var/lib/heartbeat', runDir: '/run' };

/** What the daemon and the commands both look for in the run folder. */
export const pidFilePath = (runDir: string): string => `${runDir}/heartbeat.pid`;

export const controlPath = (runDir: string): string => `${runDir}/heartbeat/control`;

/** The process of the daemon's guardian. */
export const guardianPath = (runDir: string): string => `${runDir}/heartbeat/guardian`;

/** The client socket and the FIFO stand where programs built for 3.0.6 look for them (wire-protocol 10). */
export const registerPath = (runDir: string): string => `${runDir}/heartbeat/register`;

export const fifoPath = (stateDir: string): string => `${stateDir}/fifo`;
