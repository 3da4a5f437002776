import { hbAddnode } from '../cli/hb_addnode.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';
import { writeToFifo } from '../control/fifo-writer.ts';

void hbAddnode(process.argv.slice(2), { ...processIo, ask: askDaemon, writeToFifo }).then((status) => process.exit(status));
