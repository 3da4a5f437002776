import { hbStandby } from '../cli/hb_standby.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';
import { writeToFifo } from '../control/fifo-writer.ts';

void hbStandby(process.argv.slice(2), { ...processIo, ask: askDaemon, writeToFifo }, process.env.HA_t).then((status) =>
  process.exit(status),
);
