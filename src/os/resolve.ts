import { lookup } from 'node:dns';

/** A question may hold a thread of Node's small pool for long, and the store needs that pool: one at a time in all. */
let asking = false;

/**
 * Resolves a host name without holding up the loop. Each call of the answer asks once, unless a question is
 * still open; `found` gets the first IPv4 address there is. A name that nobody knows stays silent.
 */
export function resolveLater(name: string, found: (address: string) => void): () => void {
  return () => {
    if (asking) return;
    asking = true;
    lookup(name, { family: 4 }, (error, address) => {
      asking = false;
      if (error === null) found(address);
    });
  };
}
