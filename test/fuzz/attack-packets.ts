/** Packets from a third host on the LAN: made up, with and without a good digest, and recorded ones that come again. */
import { createSocket } from 'node:dgram';
import { createCompressors } from '../../src/os/compressor.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { readHeader } from '../../src/protocol/header.ts';
import { openMessage } from '../../src/protocol/packing.ts';
import { AUTH } from '../engine/support.ts';
import { type Attack, count, steadily } from './attack.ts';
import { Corpus } from './messages.ts';
import { PacketMaker, type Voice } from './packets.ts';

const BROADCAST = '10.66.0.255';
const PORT = 694;
/** The most that fits a datagram. */
const DATAGRAM_BYTES_MAX = 65_507;
const RECORDED_MAX = 300;
/** Real daemons begin with the time of day. */
const OLD_GENERATION = 1_000_000_000;

const compressors = createCompressors();

/** What a daemon would have to believe: the key is good and the life is a new one of a node that it knows. */
export function believable(bytes: Uint8Array): boolean {
  const verdict = openMessage(bytes, AUTH, authCatalog, compressors);
  if (!verdict.ok) return false;
  const read = readHeader(verdict.message);
  return read.ok && /^n[12]$/i.test(read.header.origin) && read.header.generation >= OLD_GENERATION;
}

export async function attackPackets(attack: Attack): Promise<void> {
  const { dice, tally } = attack;
  const maker = new PacketMaker(new Corpus(compressors), AUTH);
  const voice = (name: string): Voice => ({ name, uuid: `fuzz-${name}-----------`.slice(0, 16), generation: 500, seq: 0 });
  const speakers = [voice('n3'), voice('n1'), voice('n2'), voice('mallory')];
  const recorded: Uint8Array[] = [];
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('error', () => count(tally, 'errors'));
  socket.on('message', (bytes) => {
    if (recorded.length < RECORDED_MAX) recorded.push(bytes);
    else recorded[dice.below(RECORDED_MAX)] = bytes;
  });
  await new Promise<void>((resolve) => socket.bind(PORT, resolve));
  socket.setBroadcast(true);
  const send = (kind: string, bytes: Uint8Array): void => {
    if (bytes.length > DATAGRAM_BYTES_MAX) return;
    count(tally, kind);
    socket.send(bytes, PORT, dice.pick([BROADCAST, BROADCAST, '10.66.0.1', '10.66.0.2']));
  };
  await steadily(attack, () => {
    const old = recorded[dice.below(recorded.length * 3 + 1)];
    const bytes = old ?? maker.packet(dice, dice.pick(speakers));
    if (old !== undefined) send('replayed', bytes);
    else if (believable(bytes)) count(tally, 'left out');
    else send('made', bytes);
  });
  socket.close();
}
