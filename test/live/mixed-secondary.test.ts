import { mixedPair, mixedSteps } from './mixed.ts';
import { walk } from './walk.ts';

walk('Heartbeat 3.0.6 is the primary, heartbeatd the other node', 'heartbeat3', () => mixedPair(['heartbeat3', 'heartbeatd']), mixedSteps);
