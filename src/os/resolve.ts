import { isIPv4 } from 'node:net';

/** The resolver's own time limits add up to more than this. */
const LIMIT_MS = 10_000;
const OUTPUT_BYTES_MAX = 65_536;

/**
 * Resolves a host name away from the loop, and away from Node's small pool of threads, which a silent name server
 * would hold while the store needs it: `getent` asks, in a process of its own. Each call of the answer asks once,
 * unless its last question is still open; `found` gets the first IPv4 address. A name that nobody knows stays silent.
 */
export function resolveLater(name: string, found: (address: string) => void): () => void {
  let asking = false;
  return () => {
    if (asking) return;
    asking = true;
    void ask(name)
      .then(
        (address) => address !== undefined && found(address),
        // No process can be had: the next call asks again.
        () => undefined,
      )
      .finally(() => {
        asking = false;
      });
  };
}

async function ask(name: string): Promise<string | undefined> {
  // Loaded at the first question: most sites write addresses.
  const { execa } = await import('execa');
  const { stdout } = await execa('getent', ['ahostsv4', '--', name], {
    reject: false,
    stdin: 'ignore',
    stderr: 'ignore',
    timeout: LIMIT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  const [address = ''] = (typeof stdout === 'string' ? stdout : '').split(/\s/, 1);
  return isIPv4(address) ? address : undefined;
}
