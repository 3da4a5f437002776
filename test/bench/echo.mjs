// Answers every datagram with its own text and this host's name: what is asked for is the address, and nothing else.
// Arguments: NAME PORT.
import { createSocket } from 'node:dgram';

const [name = '', port = '0'] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('error', () => undefined);
socket.on('message', (question, from) => socket.send(`${question} ${name}`, from.port, from.address, () => undefined));
socket.bind(Number(port));
