// Clients of the worst kinds, on the host where the daemon runs: who sign on, want to hear everything and never read; who ask
// without end and never read; who say half a word; who say nothing. Prints `ready`, and `cut` for each that is cut off.
import net from 'node:net';

const PATH = '/run/heartbeat/register';

const frame = (fields) => {
  const body = Buffer.from(`>>>\n${fields.map(([name, value]) => `${name}=${value}\n`).join('')}<<<\n\0`);
  const header = Buffer.alloc(8);
  header.writeInt32LE(body.length, 0);
  header.writeUInt32LE(0xabcd, 4);
  return Buffer.concat([header, body]);
};

const request = (reqtype, ...more) =>
  frame([['t', 'hbapi-req'], ['reqtype', reqtype], ['dest', 'n1'], ['pid', process.pid], ['from_id', process.pid], ...more]);

const signOn = request('signon', ['uid', process.getuid()], ['gid', process.getgid()]);

const kinds = {
  deaf: [60, (socket) => socket.write(Buffer.concat([signOn, request('setfilter', ['fmask', '3f'])]))],
  flood: [
    10,
    (socket) => {
      const questions = Buffer.concat(Array.from({ length: 200 }, () => request('nodelist')));
      const more = () => {
        while (socket.write(questions));
      };
      socket.write(signOn);
      socket.on('drain', more);
      more();
    },
  ],
  // Reads what it is told, so that nothing ever stops it but its turn.
  eager: [
    2,
    (socket) => {
      const questions = Buffer.concat(Array.from({ length: 50 }, () => request('nodelist')));
      socket.on('data', () => undefined).resume();
      socket.write(signOn);
      const more = () => socket.write(questions, () => setTimeout(more, 1));
      more();
    },
  ],
  half: [15, (socket) => socket.write(signOn.subarray(0, 20))],
  silent: [15, () => undefined],
};

let open = 0;
const all = Object.values(kinds).reduce((sum, [count]) => sum + count, 0);
for (const [count, act] of Object.values(kinds)) {
  for (let number = 0; number < count; number += 1) {
    const socket = net.createConnection(PATH, () => {
      socket.pause();
      act(socket);
      open += 1;
      if (open === all) console.log('ready');
    });
    socket.pause();
    socket.on('error', () => undefined);
    socket.on('close', () => console.log('cut'));
  }
}
