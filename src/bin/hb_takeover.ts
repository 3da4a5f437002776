import { hbTakeover } from '../cli/hb_takeover.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void hbTakeover(process.argv.slice(2), { ...processIo, ask: askDaemon }).then((status) => process.exit(status));
