// The demo: a two-node cluster, a page behind a virtual address, a power-off, the return, a planned move.
//   node scripts/lib/demo/demo.mjs namespaces|fallback FOLDER WHO
// Started by scripts/demo, in the form `namespaces` already inside a PID, mount and network namespace of its own.
import { readFileSync } from 'node:fs';
import { Client } from './client.mjs';
import { fallbackStage, namespaceStage } from './stages.mjs';

const LIMIT_MS = 55_000;
const [form, folder, who] = process.argv.slice(2);

const began = performance.now();
const say = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(2).padStart(6)} s  ${text}`);
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

const stage = form === 'namespaces' ? namespaceStage(folder) : fallbackStage(folder);
const client = new Client(stage.url);

function endOf(path) {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-25).join('\n');
  } catch {
    return '(not there)';
  }
}

function finish(status, reason) {
  if (status !== 0) {
    console.error(`\nThe demo failed: ${reason}`);
    for (const host of stage.hosts) {
      for (const path of [host.output, host.log]) console.error(`\n--- the end of ${path} ---\n${endOf(path)}`);
    }
  }
  client.stop();
  stage.end();
  process.exit(status);
}

process.on('SIGINT', () => finish(130, 'interrupted'));
process.on('SIGTERM', () => finish(143, 'ended from outside'));
setTimeout(() => finish(1, `not done within ${LIMIT_MS / 1000} s`), LIMIT_MS);

/** Waits until the page comes from `name`; answers how long nobody had served it before. */
async function servedBy(name, withinMs) {
  const answer = await client.answerFrom(name, withinMs);
  if (answer === undefined) finish(1, `the page does not come from ${name} within ${seconds(withinMs)}`);
  return answer;
}

/** Waits until the node tells `wanted` as its share of the resources (cl_status rscstatus). */
async function settled(host, wanted) {
  const end = performance.now() + 15_000;
  let said = '';
  while (performance.now() < end) {
    try {
      said = stage.tool(host, 'cl_status', ['rscstatus']).trim();
      if (wanted.includes(said)) return;
    } catch {
      // Not active yet.
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  finish(1, `${host.name} says "${said}" about its resources, expected: ${wanted.join(' or ')}`);
}

async function run() {
  const [alpha, beta] = stage.hosts;
  console.log(`\nheartbeatd, ${form === 'namespaces' ? `as ${who}` : 'on the loopback interface'}`);
  for (const line of stage.description) console.log(`  ${line}`);
  console.log(`  haresources:  ${stage.haresources}`);
  console.log(`  keepalive ${stage.keepalive}, deadtime ${stage.deadtimeMs / 1000}\n`);

  say('alpha and beta are started');
  stage.boot(alpha);
  stage.boot(beta);
  await servedBy('alpha', 25_000);
  say(`${stage.url} is served by alpha`);
  await settled(alpha, ['local', 'all']);
  await settled(beta, ['local', 'none']);
  say(stage.whereText(alpha));

  say('*** alpha loses its power ***');
  stage.powerOff(alpha);
  const crash = await servedBy('beta', 15_000);
  say(`served by beta. The page was away for ${seconds(crash.goneMs)}; ${seconds(stage.deadtimeMs)} of that is deadtime`);
  say(stage.whereText(beta));
  await settled(beta, ['all', 'foreign']);

  say('alpha is started again (auto_failback on: its group comes home)');
  stage.boot(alpha);
  const home = await servedBy('alpha', 15_000);
  say(`served by alpha. The page was away for ${seconds(home.goneMs)}, in which its web server had to start there`);
  await settled(alpha, ['local', 'all']);
  await settled(beta, ['local', 'none']);

  say('hb_standby on alpha: everything to beta, on purpose');
  stage.tool(alpha, 'hb_standby', []);
  const moved = await servedBy('beta', 15_000);
  say(`served by beta. The page was away for ${seconds(moved.goneMs)}, in which its web server had to start there`);
  await settled(beta, ['all', 'foreign']);

  const log = readFileSync(beta.log, 'utf8');
  const took = log.split('\n').filter((line) => /is dead|Resources being acquired|takeover complete\./.test(line));
  if (took.length > 0) console.log(`\nThe log of beta about the power-off:\n${took.map((line) => `  ${line}`).join('\n')}`);
  console.log(`\nAll as it should be, in ${seconds(performance.now() - began)}. Everything is taken down again.`);
  finish(0, '');
}

try {
  await run();
} catch (error) {
  finish(1, error instanceof Error ? error.message : String(error));
}
