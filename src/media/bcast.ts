import type { MediumSpec } from '../contracts/config.ts';
import type { MediumType } from '../contracts/media.ts';
import { destinationOf } from '../os/bound-socket.ts';
import { namedFault } from '../os/errno.ts';
import { broadcastAddress } from '../os/interfaces.ts';
import { createDatagramMedium } from './datagram-medium.ts';

/** `bcast IF [IF ...]`: to the broadcast address of each interface, port `udpport` (wire-protocol 8.1). */
export const bcast = {
  directive: 'bcast',
  form: 'list',
  parse(words, context) {
    const specs: MediumSpec[] = [];
    const errors: string[] = [];
    for (const device of words) {
      if (context.hasInterface(device)) {
        specs.push({ kind: 'bcast', id: `bcast ${device}`, link: device, device, port: context.udpport });
      } else {
        errors.push(
          `glib: Get broadcast for interface ${device} failed: No such device`,
          `glib: IP interface [${device}] does not exist`,
          `Illegal bcast [UDP/IP broadcast] in config file [${device}]`,
        );
      }
    }
    return { specs, errors };
  },
  create: (spec) =>
    createDatagramMedium(spec, {
      receiver: { device: spec.device, port: spec.port },
      sender: { device: spec.device, broadcast: true },
      destination() {
        const address = broadcastAddress(spec.device);
        return typeof address === 'string' ? (destinationOf(address, spec.port) ?? namedFault(spec.id, 'EADDRNOTAVAIL')) : address;
      },
    }),
  startedText: ({ port, device }) => `glib: UDP Broadcast heartbeat started on port ${port} (${port}) interface ${device}`,
} as const satisfies MediumType & { startedText(spec: MediumSpec): string };
