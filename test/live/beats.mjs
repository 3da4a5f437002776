// Prints the time (ms, monotonic) at which each status of a node arrives: beats.mjs PORT NODE
import dgram from 'node:dgram';

const [port, node] = process.argv.slice(2);
const socket = dgram.createSocket('udp4');
socket.on('message', (packet) => {
  const text = packet.toString('latin1');
  if (text.includes('(0)t=status,') && text.includes(`(0)src=${node},`)) console.log(Number(process.hrtime.bigint()) / 1e6);
});
socket.bind(Number(port), () => console.log('ready'));
