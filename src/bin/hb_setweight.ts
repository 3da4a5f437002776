import { writeFifo } from '../cli/fifo.ts';
import { hbSetweight } from '../cli/hb_setweight.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void hbSetweight(process.argv.slice(2), { ...processIo, ask: askDaemon, writeFifo }).then((status) => process.exit(status));
