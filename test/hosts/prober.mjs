// Asks a web page behind the virtual address again and again, each time over a new connection, from the client host.
// Arguments: ADDRESS PORT PERIOD_MS. Standard output, a line per answer: SENT_MS ANSWERED_MS WORD (the page's first
// word); MS is CLOCK_MONOTONIC. Ends when standard input closes.
import { connect } from 'node:net';

const [address = '', port = '80', period = '2'] = process.argv.slice(2);
const request = 'GET / HTTP/1.0\r\n\r\n';
const now = () => Number(process.hrtime.bigint()) / 1e6;
const patience = 400;
let out = [];
const waiting = new Set();

function ask() {
  const sent = now();
  const socket = connect({ host: address, port: Number(port), noDelay: true });
  const entry = { socket, sent };
  waiting.add(entry);
  let text = '';
  const leave = () => {
    waiting.delete(entry);
    // A reset instead of a farewell: neither side keeps the pair of ports busy.
    socket.resetAndDestroy();
  };
  socket.on('connect', () => socket.write(request));
  socket.on('data', (data) => {
    text += data;
    const at = text.indexOf('\r\n\r\n');
    const word = at < 0 ? undefined : /^(\S+)\s/.exec(text.slice(at + 4))?.[1];
    if (word === undefined) return;
    out.push(`${sent.toFixed(3)} ${now().toFixed(3)} ${word}\n`);
    leave();
  });
  socket.on('error', leave);
  socket.on('end', leave);
}

let due = now();
setInterval(() => {
  // After a stall of ours one question is enough.
  if (now() < due) return;
  due = Math.max(due + Number(period), now() - Number(period));
  ask();
}, 1);
setInterval(() => {
  const line = now() - patience;
  for (const entry of waiting) {
    if (entry.sent >= line) break;
    waiting.delete(entry);
    entry.socket.destroy();
  }
  if (out.length > 0) process.stdout.write(out.join(''));
  out = [];
}, 25);
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
