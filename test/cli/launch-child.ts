/** Plays a daemon for launch.test.ts: says what its words tell it to, and may stay. */
import { MASTER_TITLE, starterOfDetached } from '../../src/cli/launch.ts';

const starter = starterOfDetached();
process.title = MASTER_TITLE;
for (const word of process.argv.slice(2)) {
  if (word === 'ready') starter.ready();
  else if (word === 'stay') setInterval(() => undefined, 1000);
  else if (word.startsWith('exit=')) process.exit(Number(word.slice('exit='.length)));
  else if (word === 'die') process.kill(process.pid, 'SIGKILL');
  else starter.tell(word);
}
