import { writeFifo } from '../cli/fifo.ts';
import { hbAddnode } from '../cli/hb_addnode.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void hbAddnode(process.argv.slice(2), { ...processIo, ask: askDaemon, writeFifo }).then((status) => process.exit(status));
