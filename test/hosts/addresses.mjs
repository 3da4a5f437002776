// Which addresses a host has, read from outside by the number of its first process.
import { readFileSync } from 'node:fs';

/** The table of a host, '' where there is none. It is opened anew each time: an open one would keep a dead host's namespace alive. */
export function routes(pid) {
  if (pid === 0) return '';
  try {
    return readFileSync(`/proc/${pid}/net/fib_trie`, 'latin1');
  } catch {
    return '';
  }
}

/** Whether an address is one of the host's own in its table. */
export function hasAddress(table, address) {
  const leaf = `|-- ${address}\n`;
  const at = table.indexOf(leaf);
  return at >= 0 && table.startsWith('/32 host LOCAL', table.indexOf('/', at + leaf.length));
}
