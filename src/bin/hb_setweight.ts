import { hbSetweight } from '../cli/hb_setweight.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';
import { writeToFifo } from '../control/fifo-writer.ts';

void hbSetweight(process.argv.slice(2), { ...processIo, ask: askDaemon, writeToFifo }).then((status) => process.exit(status));
