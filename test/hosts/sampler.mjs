// Who holds addresses and services, sampled every few milliseconds. Runs beside the hosts, in no namespace of theirs.
// Arguments: PERIOD_MS KEY ... (a KEY with dots is an address, any other the service whose mark is /run/KEY.mark).
// Standard input, a line each: `host NAME PID` (PID 0: power off), `go`, `quit`. Standard output: `key MS KEY NAME,NAME` at each
// change, and at the end `samples COUNT WORST_GAP_MS LATE_COUNT` (late: more than 20 ms after the one before).
import { existsSync, readFileSync } from 'node:fs';

const [period = '10', ...keys] = process.argv.slice(2);
const hosts = new Map();
const now = () => Number(process.hrtime.bigint()) / 1e6;

/** The table of a host, '' where there is none. It is opened anew each time: an open one would keep a dead host's namespace alive. */
function routes(pid) {
  if (pid === 0) return '';
  try {
    return readFileSync(`/proc/${pid}/net/fib_trie`, 'latin1');
  } catch {
    return '';
  }
}

/** Whether an address is one of the host's own in its table. */
function hasAddress(table, address) {
  const leaf = `|-- ${address}\n`;
  const at = table.indexOf(leaf);
  return at >= 0 && table.startsWith('/32 host LOCAL', table.indexOf('/', at + leaf.length));
}

function holds(pid, key, table) {
  if (pid === 0) return false;
  return key.includes('.') ? hasAddress(table, key) : existsSync(`/proc/${pid}/root/run/${key}.mark`);
}

const last = new Map();
let previous;
let count = 0;
let worst = 0;
let late = 0;
function sample() {
  const at = now();
  if (previous !== undefined) {
    const gap = at - previous;
    if (gap > worst) worst = gap;
    if (gap > 20) late += 1;
  }
  previous = at;
  count += 1;
  const tables = new Map([...hosts].map(([name, pid]) => [name, routes(pid)]));
  for (const key of keys) {
    let names = [...hosts].filter(([name, pid]) => holds(pid, key, tables.get(name))).map(([name]) => name);
    // The first was looked at before the second: it may have let go in between.
    if (names.length > 1) {
      names = names.filter((name) => {
        const pid = hosts.get(name);
        return holds(pid, key, routes(pid));
      });
    }
    const holders = names.join(',');
    if (holders !== last.get(key)) process.stdout.write(`key ${at.toFixed(3)} ${key} ${holders}\n`);
    last.set(key, holders);
  }
}
let timer;

let rest = '';
process.stdin.on('data', (data) => {
  rest += data;
  const lines = rest.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const [word, name, pid] = line.split(' ');
    if (word === 'host') hosts.set(name, Number(pid));
    if (word === 'go') timer ??= setInterval(sample, Number(period));
    if (word === 'quit') end();
  }
});
process.stdin.on('end', end);
function end() {
  clearInterval(timer);
  process.stdout.write(`samples ${count} ${worst.toFixed(3)} ${late}\n`, () => process.exit(0));
}
