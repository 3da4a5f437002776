// Runs on a test host with Heartbeat 3.0.6: gives each configuration to the real `heartbeat` and to `heartbeat --check`.
// In: a JSON list of { hacf, authkeys, haresources, mode } on standard input. Out: a JSON list of { real, ours }, each
// { status, text }, in ASCII. The real one lives in a PID namespace of its own that ends with the command: a daemon that
// has started is killed with it at once.
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const REAL_DIR = '/etc/ha.d';
const LOGS = ['/var/log/ha-log', '/var/log/ha-debug'];
const LIMIT_SECONDS = 10;
/** The checker takes four times as long as the real one. */
const OUR_LANES = 2;
const real = ['unshare', '--pid', '--fork', '--kill-child=SIGKILL', 'sh', '-c', 'heartbeat; exit $?'];
const checker = ['/opt/heartbeatd/bin/heartbeat', '--check', '--config-dir'];

function lay(dir, { hacf, authkeys, haresources, mode }) {
  for (const [name, text] of Object.entries({ 'ha.cf': hacf, authkeys, haresources })) {
    rmSync(`${dir}/${name}`, { force: true });
    if (text !== null) writeFileSync(`${dir}/${name}`, text, 'latin1');
  }
  if (authkeys !== null) chmodSync(`${dir}/authkeys`, Number.parseInt(mode, 8));
}

/** To a file: a daemon that keeps its standard error open must not hold up the reader. */
function run(argv, output) {
  const fd = openSync(output, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn('timeout', ['-s', 'KILL', String(LIMIT_SECONDS), ...argv], { cwd: '/tmp', stdio: ['ignore', fd, fd] });
    closeSync(fd);
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ status: code ?? signal, text: readFileSync(output, 'latin1') }));
  });
}

async function judgeReal(cases) {
  const verdicts = [];
  for (const files of cases) {
    // Killed in the middle it leaves its pid file behind, under its own name or a passing one.
    const pidFiles = readdirSync('/run').filter((name) => name.startsWith('heartbeat.pid'));
    for (const path of [...LOGS, ...pidFiles.map((name) => `/run/${name}`)]) rmSync(path, { force: true });
    lay(REAL_DIR, files);
    verdicts.push(await run(real, '/tmp/real.txt'));
  }
  return verdicts;
}

/** Fills its part of the verdicts: `lane`, `lane + OUR_LANES`, ... */
async function judgeOurs(cases, verdicts, lane) {
  const dir = `/tmp/ours-${lane}`;
  mkdirSync(dir);
  for (let index = lane; index < cases.length; index += OUR_LANES) {
    lay(dir, cases[index]);
    const { status, text } = await run([...checker, dir], `${dir}.txt`);
    verdicts[index] = { status, text: text.replaceAll(dir, REAL_DIR) };
  }
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
const ours = [];
const lanes = Array.from({ length: OUR_LANES }, (_, lane) => judgeOurs(cases, ours, lane));
const [reals] = await Promise.all([judgeReal(cases), ...lanes]);
const answer = JSON.stringify(reals.map((verdict, index) => ({ real: verdict, ours: ours[index] })));
process.stdout.write(answer.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
