import { Command, CommanderError } from 'commander';
import { controlPath } from '../base/places.ts';
import type { CommandRequest, CommandResult } from '../contracts/engine.ts';
import type { StatusSnapshot } from '../contracts/status.ts';
import { ControlError } from '../control/client.ts';
import { type Answer, CL_STATUS_EXIT, SUB_COMMANDS, type SubCommand } from './cl_status-answers.ts';
import type { Io } from './io.ts';
import { takeCommonWords } from './run-dir.ts';

/** The command `cl_status` (tools 3): words, texts and exit statuses as 3.0.6 has them, and `--json`. */
export interface ControlWorld extends Io {
  ask(path: string, request: CommandRequest, limitMs: number): Promise<CommandResult>;
}

const ANSWER_LIMIT_MS = 5000;

const HELP = [
  'Usage: cl_status SUB-COMMAND [ARGUMENTS] [-m] [--json] [--run-dir DIR]',
  '       cl_status --json          everything the daemon knows',
  '',
  '-m prints a sentence instead of a word; it comes after the sub-command.',
  '',
  'Sub-commands:',
  ...SUB_COMMANDS.map(
    ({ name, words, flags, help }) => `  ${[name, ...words, ...flags.map(([flag]) => `[${flag}]`)].join(' ').padEnd(28)} ${help}`,
  ),
  '',
  'clientstatus is not there: programs cannot register with this daemon yet.',
  'Exit: 0 yes, 1 no or not running, 11 wrong parameter, 13 other error.',
];

export async function clStatus(argv: readonly string[], world: ControlWorld): Promise<number> {
  const common = takeCommonWords(argv);
  if (!common.ok) return parameterError(world, `ERROR: ${common.reason}`);
  const [name, ...rest] = common.words;
  const socket = controlPath(common.runDir);
  if (name === undefined && common.json) {
    const reached = await reach(socket, world);
    return reached.ok ? print(world, { status: 0, out: [], err: [], json: reached.snapshot }, true) : unreachable(world, reached.error);
  }
  if (name === undefined || name === '-h' || name === '--help') {
    for (const line of HELP) world.out(line);
    return CL_STATUS_EXIT.ok;
  }
  const sub = SUB_COMMANDS.find((one) => one.name === name);
  if (sub === undefined) return parameterError(world, `ERROR: ${name}: invalid sub-command.`);
  const read = readWords(sub, rest);
  if (!read.ok) return parameterError(world, read.reason);

  const reached = await reach(socket, world);
  if (reached.ok) return print(world, sub.answer(reached.snapshot, read), common.json);
  if (sub.name !== 'hbstatus') return unreachable(world, reached.error);
  if (reached.error.failure === 'notRunning') return tellStopped(world, common.json);
  // It may well run: exit 1 would say that it does not.
  unreachable(world, reached.error);
  return CL_STATUS_EXIT.other;
}

type ReadWords =
  | { readonly ok: true; readonly words: readonly string[]; readonly sentence: boolean; readonly flags: Record<string, unknown> }
  | { readonly ok: false; readonly reason: string };

function readWords(sub: SubCommand, argv: readonly string[]): ReadWords {
  const command = new Command(sub.name)
    .helpOption(false)
    .argument('[words...]')
    .option('-m')
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const [flag, help] of sub.flags) command.option(flag, help);
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ok: false, reason: error.message.replace(/^error/, 'ERROR') };
  }
  const { m, ...flags } = command.opts<Record<string, unknown>>();
  if (command.args.length < sub.words.length) return { ok: false, reason: sub.missing };
  return { ok: true, words: command.args, sentence: m === true, flags };
}

type Reached = { readonly ok: true; readonly snapshot: StatusSnapshot } | { readonly ok: false; readonly error: ControlError };

async function reach(socket: string, world: ControlWorld): Promise<Reached> {
  try {
    const result = await world.ask(socket, { name: 'status' }, ANSWER_LIMIT_MS);
    if (result.ok && result.status !== undefined) return { ok: true, snapshot: result.status };
    return { ok: false, error: new ControlError('broken', result.ok ? 'the daemon sent no status' : result.reason) };
  } catch (error) {
    if (error instanceof ControlError) return { ok: false, error };
    throw error;
  }
}

function print(world: Io, answer: Answer, json: boolean): number {
  for (const line of answer.err) world.err(line);
  if (json) world.out(JSON.stringify(answer.json, null, 2));
  else for (const line of answer.out) world.out(line);
  return answer.status;
}

function tellStopped(world: Io, json: boolean): number {
  world.out(json ? JSON.stringify({ running: false }, null, 2) : 'Heartbeat is stopped on this machine.');
  return CL_STATUS_EXIT.no;
}

/** The first line is what scripts look for; the second tells which of the reasons it was. */
function unreachable(world: Io, error: ControlError): number {
  world.err('ERROR: Cannot signon with heartbeat');
  const reason = error.failure === 'notRunning' ? "hb_api_signon: Can't initiate connection to heartbeat" : error.message;
  world.err(`ERROR: REASON: ${reason}`);
  return CL_STATUS_EXIT.no;
}

function parameterError(world: Io, text: string): number {
  world.err(text);
  return CL_STATUS_EXIT.parameter;
}
