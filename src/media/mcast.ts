import type { MediumSpec } from '../contracts/config.ts';
import type { MediumType } from '../contracts/media.ts';
import { destinationOf } from '../os/bound-socket.ts';
import { namedFault } from '../os/errno.ts';
import { isIpv4 } from '../os/ipv4.ts';
import { createDatagramMedium } from './datagram-medium.ts';

const TTL_MAX = 4;
const PORT_MAX = 65535;

/** `mcast IF GROUP PORT TTL LOOP`: to a group joined on the interface (wire-protocol 8.3). */
export const mcast = {
  directive: 'mcast',
  form: 'wholeLine',
  parse(words, context) {
    const [device = '', group, port, ttl, loop] = words;
    const refused = (text: string) => ({ specs: [], errors: [`glib: ${text}`] });
    if (!context.hasInterface(device)) return refused(`mcast device [${device}] is invalid or not set up properly`);
    if (group === undefined) return refused(`mcast [${device}] missing mcast address`);
    if (!isGroup(group)) return refused(`mcast [${device}] bad addr [${group}]`);
    if (port === undefined) return refused(`mcast [${device}] missing port`);
    const portNumber = wholeNumber(port);
    if (portNumber === undefined || portNumber === 0 || portNumber > PORT_MAX) return refused(`mcast [${device}] bad port [${port}]`);
    if (ttl === undefined) return refused(`mcast [${device}] missing ttl`);
    const ttlByte = byteOf(ttl);
    if (ttlByte === undefined || ttlByte > TTL_MAX) return refused(` mcast [${device}] bad ttl [${ttlByte ?? ttl}]`);
    if (loop === undefined) return refused(`mcast [${device}] missing loop`);
    if (loop !== '0' && loop !== '1') return refused(` mcast [${device}] bad loop [${loop}]`);
    const spec = {
      kind: 'mcast',
      id: `mcast ${device}`,
      link: device,
      device,
      address: group,
      port: portNumber,
      ttl: ttlByte,
      loop: loop === '1',
    };
    return { specs: [spec], errors: [] };
  },
  create(spec) {
    const group = spec.address ?? '';
    const destination = destinationOf(group, spec.port) ?? namedFault(spec.id, 'EADDRNOTAVAIL');
    return createDatagramMedium(spec, {
      receiver: { device: spec.device, port: spec.port, group },
      sender: { device: spec.device, multicast: { ttl: spec.ttl ?? 1, loop: spec.loop ?? false } },
      destination: () => destination,
    });
  },
  startedText: ({ address = '', port, device, ttl = 1, loop = false }) =>
    `glib: UDP multicast heartbeat started for group ${address} port ${port} interface ${device} (ttl=${ttl} loop=${loop ? 1 : 0})`,
} as const satisfies MediumType & { startedText(spec: MediumSpec): string };

function isGroup(address: string): boolean {
  const first = Number(address.split('.', 1)[0]);
  return isIpv4(address) && first >= 224 && first <= 239;
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Read as 8 bits, as 3.0.6 does: 300 becomes 44 (directives 2). */
function byteOf(text: string): number | undefined {
  const value = wholeNumber(text);
  return value === undefined ? undefined : value % 256;
}
