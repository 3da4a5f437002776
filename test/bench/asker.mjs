// Sends a datagram to an address every PERIOD_MS and tells who answered. Arguments: ADDRESS PORT PERIOD_MS.
// Standard output, a line per answer: ANSWERED_MS NAME; MS is CLOCK_MONOTONIC. Ends when standard input closes.
import { createSocket } from 'node:dgram';

const [address = '', port = '0', period = '1'] = process.argv.slice(2);
const now = () => Number(process.hrtime.bigint()) / 1e6;
let out = [];
const socket = createSocket('udp4');
// No route, or nobody who knows the address: the next question may fare better.
socket.on('error', () => undefined);
socket.on('message', (answer) => {
  out.push(`${now().toFixed(3)} ${String(answer).split(' ')[1]}\n`);
});
socket.bind(0, () => {
  setInterval(() => socket.send('who', Number(port), address, () => undefined), Number(period));
});
setInterval(() => {
  if (out.length > 0) process.stdout.write(out.join(''));
  out = [];
}, 20);
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
