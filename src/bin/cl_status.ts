import { clStatus } from '../cli/cl_status.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void clStatus(process.argv.slice(2), { ...processIo, ask: askDaemon }).then((status) => process.exit(status));
