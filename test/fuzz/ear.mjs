// Prints each packet from ADDRESS at a port as tcpdump does, where the kernel lets nobody listen below: ear.mjs PORT ADDRESS
import dgram from 'node:dgram';

const [port, address] = process.argv.slice(2);
const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (packet, from) => {
  const seconds = (performance.timeOrigin + performance.now()) / 1000;
  if (from.address === address) process.stdout.write(`${seconds.toFixed(6)} IP ${address}\n${packet.toString('latin1')}\n`);
});
socket.bind(Number(port));
