/** Imported first, for its effect: a daemon that starts again in its place remembers signals from here on. */
import { holdSignals } from '../os/early-signals.ts';

if (process.argv.includes('-R')) holdSignals();
