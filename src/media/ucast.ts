import type { Fault } from '../contracts/basics.ts';
import type { MediumSpec } from '../contracts/config.ts';
import type { MediumType } from '../contracts/media.ts';
import { destinationOf } from '../os/bound-socket.ts';
import { isIpv4 } from '../os/ipv4.ts';
import { resolveLater } from '../os/resolve.ts';
import { createDatagramMedium } from './datagram-medium.ts';

/** What a host name may look like; anything else could not be resolved by anybody. */
const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?\.?$/;

/** `ucast IF PEER`: to one address (or host name), port `udpport` (wire-protocol 8.2). */
export const ucast = {
  directive: 'ucast',
  form: 'wholeLine',
  parse(words, context) {
    const [device = '', peer] = words;
    if (peer === undefined) return { specs: [], errors: [`glib: ucast: [${device}] missing target IP address/hostname`] };
    const address = isIpv4(peer) ? peer : resolvedName(peer, context.resolveHost);
    if (address === undefined) return { specs: [], errors: ['glib: ucast: cannot resolve hostname'] };
    // An interface that is missing passes the check, as in 3.0.6 (directives 3); here the medium waits for it.
    return { specs: [{ kind: 'ucast', id: `ucast ${device} ${peer}`, link: device, device, address, port: context.udpport }], errors: [] };
  },
  create(spec) {
    const address = spec.address ?? '';
    return createDatagramMedium(spec, {
      receiver: { device: spec.device, port: spec.port, reusePort: true },
      sender: { device: spec.device },
      destination: isIpv4(address) ? fixed(address, spec.port) : named(address, spec.port),
    });
  },
  startedText: ({ port, device, address = '' }) => `glib: ucast: started on port ${port} interface ${device} to ${address}`,
} as const satisfies MediumType & { startedText(spec: MediumSpec): string };

function resolvedName(name: string, resolve: ((name: string) => string | undefined) | undefined): string | undefined {
  if (!HOST_NAME.test(name) || /^[\d.]+$/.test(name)) return undefined;
  return resolve === undefined ? name : resolve(name);
}

const UNRESOLVED: Fault = { code: 'ENOTFOUND', detail: 'ucast: cannot resolve hostname' };

function fixed(address: string, port: number): () => Uint8Array | Fault {
  const destination = destinationOf(address, port) ?? UNRESOLVED;
  return () => destination;
}

/** Asked in the background, one question at a time, until there is an answer; that one is kept. */
function named(name: string, port: number): () => Uint8Array | Fault {
  let destination: Uint8Array | undefined;
  const ask = resolveLater(name, (address) => {
    destination = destinationOf(address, port);
  });
  return () => {
    if (destination === undefined) ask();
    return destination ?? UNRESOLVED;
  };
}
