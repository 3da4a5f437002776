import { createUnixDatagram } from './unix-datagram.ts';

/** Tells a service manager how we are, if one asked (`NOTIFY_SOCKET`): `READY=1`, `STOPPING=1`, `STATUS=...`. */
export function notifyServiceManager(state: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const path = environment.NOTIFY_SOCKET;
  if (path === undefined || path === '') return false;
  const socket = createUnixDatagram(path);
  const sent = socket.send(Buffer.from(state)) === 0;
  socket.close();
  return sent;
}
