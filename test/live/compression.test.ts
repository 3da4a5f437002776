/** What we send compressed is understood by the real Heartbeat 3.0.6 (wire-protocol 1.4). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import type { AuthConfig } from '../../src/contracts/config.ts';
import { createCompressors } from '../../src/os/compressor.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { stampMessage } from '../../src/protocol/header.ts';
import { Message, text } from '../../src/protocol/message.ts';
import { encodeNetstring } from '../../src/protocol/netstring.ts';
import { packFields, sealMessage } from '../../src/protocol/packing.ts';
import { configFiles, severeLines, startHeartbeat } from '../hosts/cluster.ts';
import { Lab } from '../hosts/lab.ts';
import { until } from '../hosts/run.ts';
import { obstacle } from './walk.ts';

const AUTH: AuthConfig = { signing: 1, keys: [{ index: 1, method: 'sha1', key: textToBytes('labsecret') }] };
const compressors = createCompressors();

/** Reads packets in hex, and sends one each 300 ms. */
const SENDER = `const socket = require('dgram').createSocket('udp4');
const packets = require('fs').readFileSync(0, 'latin1').trim().split('\\n');
socket.bind(694, () => {
  socket.setBroadcast(true);
  const timer = setInterval(() => {
    const next = packets.shift();
    if (next === undefined) { clearInterval(timer); socket.close(); }
    else socket.send(Buffer.from(next, 'hex'), 694, '10.77.1.255');
  }, 300);
});`;

/** The statuses of a node's first seconds, each in another form. */
function packets(): string[] {
  const unixSeconds = Math.floor(Date.now() / 1000);
  const sealed: string[] = [];
  const add = (st: string, algorithm: 'zlib' | 'bz2', msgfmt: 'classic' | 'netstring', inField = false): void => {
    const compressor = compressors.find(algorithm);
    assert.ok(compressor, algorithm);
    const plain = Message.of(['t', 'status'], ['st', st], ['dt', '7530'], ['protocol', '1']);
    const filler = 'payload-'.repeat(1200);
    const nested = { type: 5, name: 'inside', value: encodeNetstring([text('t', 'inner'), text('filler', filler)]) } as const;
    const message = stampMessage(inField ? packFields(plain.with(nested), compressor) : plain.with(text('filler', filler)), {
      origin: 'n2',
      originUuid: bytesToText(textToBytes('uuid-of-n2------')),
      sequence: sealed.length + 1,
      generation: unixSeconds,
      unixSeconds,
      load: '0.00 0.00 0.00 1/1 1',
      ttl: 3,
    });
    const packing = inField ? { compressor } : { compressor, thresholdBytes: 1024 };
    const bytes = sealMessage(message, AUTH, authCatalog, msgfmt, packing);
    assert.ok(bytes !== undefined && bytes.length < 1400, 'it is compressed');
    sealed.push(Buffer.from(bytes).toString('hex'));
  };
  add('init', 'zlib', 'classic');
  add('up', 'bz2', 'classic');
  add('first', 'zlib', 'netstring');
  add('second', 'bz2', 'netstring');
  add('third', 'zlib', 'classic', true);
  add('fourth', 'bz2', 'classic', true);
  return sealed;
}

it('each form is taken by the real Heartbeat, and none is missed', { skip: obstacle('heartbeat3') ?? false }, async () => {
  const lab = await Lab.open({ lans: ['heart'], heartbeat3: true, lifeSeconds: 120 });
  try {
    const host = (name: string, kind: 'heartbeat3' | 'plain', address: string) =>
      lab.host({ name, kind, nics: { eth1: { lan: 'heart', address } } });
    const [n1, n2] = await Promise.all([host('n1', 'heartbeat3', '10.77.1.1/24'), host('n2', 'plain', '10.77.1.2/24')]);
    const hacf = 'logfile /var/log/ha-log\nkeepalive 1\ndeadtime 10\ninitdead 30\nbcast eth1\nauto_failback on\nnode n1 n2\n';
    await n1.write(configFiles({ hacf, haresources: '', authkeys: 'auth 1\n1 sha1 labsecret\n' }));
    await startHeartbeat(n1);
    const log = (): Promise<string> => n1.read('/var/log/ha-log');
    await until('3.0.6 sends', 10_000, async () => ((await log()).includes("Local status now set to: 'up'") ? true : undefined), 100);
    const sent = packets();
    await n2.must(['node', '-e', SENDER], { input: `${sent.join('\n')}\n` });
    await until('3.0.6 has heard the last', 5000, async () => ((await log()).includes('status fourth') ? true : undefined), 100).catch(
      async (fault) => {
        throw new Error(`${fault}\n${await log()}`);
      },
    );
    const heard = [...(await log()).matchAll(/Status update for node n2: status (\w+)/g)].map(([, st]) => st);
    assert.deepEqual(heard.slice(-5), ['up', 'first', 'second', 'third', 'fourth']);
    assert.doesNotMatch(await log(), /lost packet/);
    assert.deepEqual(await severeLines(n1), []);
  } finally {
    await lab.close();
  }
});
