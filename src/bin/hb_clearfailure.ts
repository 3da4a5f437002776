import { hbClearfailure } from '../cli/hb_clearfailure.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';
import { writeToFifo } from '../control/fifo-writer.ts';

void hbClearfailure(process.argv.slice(2), { ...processIo, ask: askDaemon, writeToFifo }).then((status) => process.exit(status));
