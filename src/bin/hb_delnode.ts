import { writeFifo } from '../cli/fifo.ts';
import { hbDelnode } from '../cli/hb_delnode.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void hbDelnode(process.argv.slice(2), { ...processIo, ask: askDaemon, writeFifo }).then((status) => process.exit(status));
