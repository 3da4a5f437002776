import { hostname } from 'node:os';
import { clStatus } from '../cli/cl_status.ts';
import { processIo } from '../cli/io.ts';
import { ApiClient } from '../control/api-client.ts';
import { askDaemon } from '../control/client.ts';

const identity = { pid: process.pid, uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, node: hostname().toLowerCase() };

void clStatus(process.argv.slice(2), { ...processIo, ask: askDaemon, signOn: (path) => ApiClient.signOn(path, identity) }).then((status) =>
  process.exit(status),
);
