import { controlPath, fifoPath } from '../base/places.ts';
import type { CommandRequest } from '../contracts/engine.ts';
import { ControlError } from '../control/client.ts';
import { type FifoOutcome, whyNotWritten } from '../control/fifo-writer.ts';
import { whatIsWrong } from '../control/operations.ts';
import type { ControlWorld } from './cl_status.ts';
import { takeCommonWords } from './run-dir.ts';

/** What hb_addnode, hb_delnode, hb_setweight, hb_setsite and hb_clearfailure share (tools 4). */
export interface MemberProgram {
  readonly name: 'hb_addnode' | 'hb_delnode' | 'hb_setweight' | 'hb_setsite' | 'hb_clearfailure';
  /** Behind the name in the usage line, as 3.0.6 has it. */
  readonly words: string;
  /** Nothing when the words are too few or too many. */
  request(words: readonly string[]): CommandRequest | undefined;
  /** The fields behind `t` of the message that means the same. */
  /** Absent where 3.0.6 knows nothing like it: then nothing is written to a FIFO. */
  fields?(request: CommandRequest): readonly (readonly [name: string, value: string])[];
}

export interface MemberWorld extends ControlWorld {
  writeToFifo(path: string, lines: readonly string[]): FifoOutcome;
}

const LIMIT_MS = 30_000;

/**
 * Nothing is printed when all is well. A refusal goes to stderr with its reason, and the status is 1 (3.0.6 answers 0 to
 * everything and writes it in its log). Where no daemon of ours runs but one reads its FIFO, it gets the message.
 */
export async function changeMembers(program: MemberProgram, argv: readonly string[], world: MemberWorld): Promise<number> {
  const common = takeCommonWords(argv);
  if (!common.ok) return refuse(world, `${program.name}: ${common.reason}`);
  const request = common.words[0] === '--help' || common.words[0] === '-h' ? undefined : program.request(common.words);
  if (request === undefined) {
    world.out(`usage: ${program.name} ${program.words}`);
    return 1;
  }
  const wrong = whatIsWrong(request);
  if (wrong !== undefined) return refuse(world, `${program.name}: ${wrong}`);
  try {
    const result = await world.ask(controlPath(common.runDir), request, LIMIT_MS);
    if (!result.ok) return refuse(world, `${program.name}: refused: ${result.reason}`);
    if (common.json) world.out(JSON.stringify(result));
    return 0;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (error.failure !== 'notRunning') return refuse(world, `${program.name}: ${error.message}`);
    // With another run folder and no word about the state folder, some other daemon's FIFO might be meant.
    const fifo = fifoPath(common.stateDir ?? '');
    const outcome =
      common.stateDir === undefined || program.fields === undefined
        ? 'noReader'
        : world.writeToFifo(fifo, message(request, program.fields(request)));
    return outcome === 'written' ? 0 : refuse(world, `${program.name}: ${whyNotWritten(outcome, fifo)}`);
  }
}

const message = (request: CommandRequest, fields: readonly (readonly [string, string])[]): readonly string[] =>
  [['t', request.name] as const, ...fields].map(([name, value]) => `${name}=${value}`);

function refuse(world: MemberWorld, line: string): number {
  world.err(line);
  return 1;
}

/** Texts are one character per byte from here on, as on the wire. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
