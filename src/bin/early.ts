/** Imported first, for its effect: a daemon that starts again, in its place or by its guardian, remembers signals from here on. */
import { holdSignals } from '../os/early-signals.ts';

const [again] = process.argv.slice(process.argv.indexOf('--guardian') + 1);
if (process.argv.includes('-R') || again === 'again') holdSignals();
