import { controlPath, registerPath } from '../base/places.ts';
import type { CommandRequest, CommandResult } from '../contracts/engine.ts';
import type { StatusSnapshot } from '../contracts/status.ts';
import { type ApiClient, ApiError } from '../control/api-client.ts';
import { ControlError } from '../control/client.ts';
import { CL_STATUS_EXIT, SUB_COMMANDS, type SubCommand } from './cl_status-commands.ts';
import { JSON_ANSWERS } from './cl_status-json.ts';
import { getopt, type Options } from './getopt.ts';
import type { Io } from './io.ts';
import { takeCommonWords } from './run-dir.ts';

/**
 * The command `cl_status` (tools 3): words, texts and exit statuses as 3.0.6 has them, asked over the client socket, so that it
 * works with either daemon. `--json` asks our daemon over its control socket.
 */
export interface ControlWorld extends Io {
  ask(path: string, request: CommandRequest, limitMs: number): Promise<CommandResult>;
}

export interface ClStatusWorld extends ControlWorld {
  signOn(path: string): Promise<ApiClient>;
}

const ANSWER_LIMIT_MS = 5000;

const STOPPED = 'Heartbeat is stopped on this machine.';
const NOT_REACHED = "hb_api_signon: Can't initiate connection to heartbeat";

const HELP = [
  'Usage: cl_status SUB-COMMAND [ARGUMENTS] [-m] [--json] [--run-dir DIR]',
  '       cl_status --json          everything the daemon knows (heartbeatd only)',
  '',
  '-m prints a sentence instead of a word; it comes after the sub-command.',
  '',
  'Sub-commands:',
  ...SUB_COMMANDS.map(({ name, words, help }) => `  ${[name, ...words].join(' ').padEnd(28)} ${help}`),
  '',
  'Exit: 0 yes, 1 no or not running, 11 wrong parameter, 12 no answer in time, 13 other error.',
];

export async function clStatus(argv: readonly string[], world: ClStatusWorld): Promise<number> {
  const common = takeCommonWords(argv);
  if (!common.ok) return parameterError(world, `ERROR: ${common.reason}`);
  const [name, ...rest] = common.words;
  if (name === undefined && common.json) {
    const reached = await reach(controlPath(common.runDir), world);
    if (!reached.ok) return unreachable(world, reached.error);
    printJson(world, reached.snapshot);
    return CL_STATUS_EXIT.ok;
  }
  if (name === undefined || name === '-h' || name === '--help') {
    for (const line of HELP) world.out(line);
    return CL_STATUS_EXIT.ok;
  }
  const sub = SUB_COMMANDS.find((one) => one.name === name);
  if (sub === undefined) return parameterError(world, `ERROR: ${name}: invalid sub-command.`);
  const options = getopt(name, rest, sub.options);
  if (common.json) return await tellJson(sub, options, controlPath(common.runDir), world);
  return await tell(sub, options, registerPath(common.runDir), world);
}

/** First the connection, then the words, as 3.0.6 does: without a daemon the answer to anything is that there is none. */
async function tell(sub: SubCommand, options: Options, socket: string, world: ClStatusWorld): Promise<number> {
  const asksOnlyThat = sub.name === 'hbstatus';
  if (asksOnlyThat) for (const fault of options.faults) world.err(fault);
  let client: ApiClient | undefined;
  try {
    client = await world.signOn(socket);
    const wrong = asksOnlyThat ? undefined : wrongWords(sub, options, world);
    return wrong ?? (await sub.run(client, options, world));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.failure === 'timeout') {
      world.err(`ERROR: ${error.message}`);
      return CL_STATUS_EXIT.timeout;
    }
    if (client !== undefined) {
      world.err(`ERROR: ${error.message}`);
      return CL_STATUS_EXIT.other;
    }
    if (asksOnlyThat && error.failure === 'notRunning') {
      world.out(STOPPED);
      if (options.flags.has('v')) world.out(`(${NOT_REACHED})`);
      return CL_STATUS_EXIT.no;
    }
    unreachable(world, error);
    // It may well run: exit 1 would say that it does not.
    return asksOnlyThat ? CL_STATUS_EXIT.other : CL_STATUS_EXIT.no;
  } finally {
    client?.signOff();
  }
}

/** The exit status for words that are wrong, or nothing. */
function wrongWords(sub: SubCommand, { faults, words }: Options, world: Io): number | undefined {
  for (const fault of faults) world.err(fault);
  if (faults.length > 0) return parameterError(world, `ERROR: wrong option for ${sub.name}.`);
  return words.length < sub.words.length ? parameterError(world, sub.missing) : undefined;
}

async function tellJson(sub: SubCommand, options: Options, socket: string, world: ControlWorld): Promise<number> {
  const answer = JSON_ANSWERS[sub.name];
  if (answer === undefined) return parameterError(world, `ERROR: ${sub.name} has no --json`);
  const wrong = wrongWords(sub, options, world);
  if (wrong !== undefined) return wrong;
  const reached = await reach(socket, world);
  if (reached.ok) {
    const { status, json, err } = answer(reached.snapshot, options);
    if (err !== undefined) world.err(err);
    printJson(world, json);
    return status;
  }
  if (sub.name !== 'hbstatus') return unreachable(world, reached.error);
  if (reached.error.failure === 'notRunning') {
    printJson(world, { running: false });
    return CL_STATUS_EXIT.no;
  }
  unreachable(world, reached.error);
  return CL_STATUS_EXIT.other;
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

const printJson = (world: Io, json: unknown): void => world.out(JSON.stringify(json, null, 2));

/** The first line is what scripts look for; the second tells which of the reasons it was. */
function unreachable(world: Io, error: ControlError | ApiError): number {
  world.err('ERROR: Cannot signon with heartbeat');
  const reason = error.failure === 'notRunning' ? NOT_REACHED : error.message;
  world.err(`ERROR: REASON: ${reason}`);
  return CL_STATUS_EXIT.no;
}

function parameterError(world: Io, text: string): number {
  world.err(text);
  return CL_STATUS_EXIT.parameter;
}
