import { controlPath, fifoPath } from '../base/places.ts';
import type { CommandRequest } from '../contracts/engine.ts';
import { ControlError } from '../control/client.ts';
import { type FifoOutcome, whyNotWritten } from '../control/fifo-writer.ts';
import { SET_WORDS, type SetWord } from '../control/operations.ts';
import type { ControlWorld } from './cl_status.ts';
import { takeCommonWords } from './run-dir.ts';

/** What hb_standby and hb_takeover share (tools 4): one word, one request, at once a clear answer. */
export interface MoveProgram {
  readonly name: 'hb_standby' | 'hb_takeover';
  request(set: SetWord): CommandRequest;
  /** The same as a message for a daemon that has no control socket, 3.0.6 for example. */
  message(set: SetWord): readonly string[];
  /** The line printed when the daemon has accepted. */
  accepted(set: SetWord): string | undefined;
}

export interface MoveWorld extends ControlWorld {
  writeToFifo(path: string, lines: readonly string[]): FifoOutcome;
}

/** The engine accepts or refuses at once; this is for a daemon that gets no time. */
const MOVE_LIMIT_MS = 30_000;

const isSetWord = (word: string): word is SetWord => (SET_WORDS as readonly string[]).includes(word);

export async function moveResources(program: MoveProgram, argv: readonly string[], world: MoveWorld): Promise<number> {
  const usage = `Usage: ${program.name} [${SET_WORDS.join('|')}] [--run-dir DIR] [--state-dir DIR]`;
  const common = takeCommonWords(argv);
  if (!common.ok) return refuse(world, `${program.name}: ${common.reason}`, usage);
  const [word = 'all', ...more] = common.words;
  if (word === '-h' || word === '--help') {
    world.out(usage);
    return 0;
  }
  if (!isSetWord(word) || more.length > 0) return refuse(world, `${program.name}: wrong resources(${common.words.join(' ')}).`, usage);
  try {
    const result = await world.ask(controlPath(common.runDir), program.request(word), MOVE_LIMIT_MS);
    if (!result.ok) return refuse(world, `${program.name}: refused: ${result.reason}`);
    const line = program.accepted(word);
    if (common.json) world.out(JSON.stringify(result));
    else if (line !== undefined) world.out(line);
    return 0;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (error.failure !== 'notRunning') return refuse(world, `${program.name}: ${error.message}`);
    return byFifo(program, word, common.stateDir, world);
  }
}

/** Nobody at the control socket: it may be the original that runs. It gives no answer; what becomes of it is in its log. */
function byFifo(program: MoveProgram, set: SetWord, stateDir: string | undefined, world: MoveWorld): number {
  const fifo = fifoPath(stateDir ?? '');
  const outcome = stateDir === undefined ? 'noReader' : world.writeToFifo(fifo, program.message(set));
  if (outcome !== 'written') return refuse(world, `${program.name}: ${whyNotWritten(outcome, fifo)}`);
  const line = program.accepted(set);
  if (line !== undefined) world.out(line);
  return 0;
}

function refuse(world: MoveWorld, ...lines: string[]): number {
  for (const line of lines) world.err(line);
  return 1;
}
