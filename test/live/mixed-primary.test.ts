import { mixedPair, mixedSteps } from './mixed.ts';
import { walk } from './walk.ts';

walk('heartbeatd is the primary, Heartbeat 3.0.6 the other node', 'heartbeat3', () => mixedPair(['heartbeatd', 'heartbeat3']), mixedSteps);
