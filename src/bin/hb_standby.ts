import { hbStandby } from '../cli/hb_standby.ts';
import { processIo } from '../cli/io.ts';
import { askDaemon } from '../control/client.ts';

void hbStandby(process.argv.slice(2), { ...processIo, ask: askDaemon }, process.env.HA_t).then((status) => process.exit(status));
