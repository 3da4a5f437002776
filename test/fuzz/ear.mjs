// Prints each status of ADDRESS at a port as tcpdump does, where the kernel lets nobody listen below: ear.mjs PORT ADDRESS
import dgram from 'node:dgram';

/** As much as the kernel gives: what an attacker makes the others send must not push heartbeats out before they are read. */
const BUFFER_BYTES = 4 << 20;
const STATUS = '(0)t=status,';

const [port, address] = process.argv.slice(2);
const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (packet, from) => {
  if (from.address !== address || !packet.includes(STATUS)) return;
  const seconds = (performance.timeOrigin + performance.now()) / 1000;
  process.stdout.write(`${seconds.toFixed(6)} IP ${address}\n${packet.toString('latin1')}\n`);
});
socket.bind(Number(port), () => socket.setRecvBufferSize(BUFFER_BYTES));
