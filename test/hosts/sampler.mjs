// Who holds an address, sampled every few milliseconds. Runs beside the hosts, in no namespace of theirs.
// Arguments: ADDRESS PERIOD_MS. Standard input, a line each: `host NAME PID` (PID 0: power off), `quit`.
// Standard output: `holders MS NAME,NAME` at each change, and at the end `samples COUNT WORST_GAP_MS LATE_COUNT`
// (late: more than 20 ms after the one before). MS is CLOCK_MONOTONIC.
import { hasAddress, routes } from './addresses.mjs';

const [address = '', period = '4'] = process.argv.slice(2);
const hosts = new Map();
const now = () => Number(process.hrtime.bigint()) / 1e6;

let last;
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
  const names = [];
  for (const [name, pid] of hosts) if (hasAddress(routes(pid), address)) names.push(name);
  const holders = names.join(',');
  if (holders !== last) process.stdout.write(`holders ${at.toFixed(3)} ${holders}\n`);
  last = holders;
}
const timer = setInterval(sample, Number(period));

let rest = '';
process.stdin.on('data', (data) => {
  rest += data;
  const lines = rest.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const [word, name, pid] = line.split(' ');
    if (word === 'host') hosts.set(name, Number(pid));
    if (word === 'quit') end();
  }
});
process.stdin.on('end', end);
function end() {
  clearInterval(timer);
  process.stdout.write(`samples ${count} ${worst.toFixed(3)} ${late}\n`, () => process.exit(0));
}
