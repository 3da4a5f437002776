import { writeFifo } from '../cli/fifo.ts';
import { hbSetsite } from '../cli/hb_setsite.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void hbSetsite(process.argv.slice(2), { ...processIo, ask: askDaemon, writeFifo }).then((status) => process.exit(status));
