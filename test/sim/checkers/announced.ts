import { NODES, type SimCluster } from '../cluster.ts';

/** The address of a resource word that stands for one. */
function addressOf(word: string): string | undefined {
  const [script, address] = word.split('::');
  return script === 'IPaddr' ? address : undefined;
}

/**
 * What the neighbours are told of addresses, from outside:
 *  1. the next script of a group begins only after the address before it was announced;
 *  2. an address that is being stopped is announced no more;
 *  3. in the end the last to announce an address is the node that holds it (with `legacy` a node may not even learn
 *     that it was counted dead for a while, and by whom).
 */
export function watchAnnouncements(cluster: SimCluster): void {
  /** Who has announced an address since it came up there, as `node address`; and who has begun to stop it since. */
  const announcing = new Set<string>();
  const stopping = new Set<string>();
  const last = new Map<string, string>();
  cluster.announcements.push((node, address) => {
    announcing.add(`${node} ${address}`);
    last.set(address, node);
    if (stopping.has(`${node} ${address}`)) cluster.violation(`announcements: ${node} stops ${address} and goes on announcing it`);
  });
  cluster.listeners.push((node, code) => {
    if (code !== 'version') return;
    // What the life before has announced, this one must.
    for (const list of [announcing, stopping]) for (const entry of list) if (entry.startsWith(`${node} `)) list.delete(entry);
  });
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      if (cluster.legacy(host.name) !== undefined) return;
      const address = addressOf(word);
      if (address !== undefined) {
        const entry = `${host.name} ${address}`;
        if (job.action !== 'stop') stopping.delete(entry);
        else {
          stopping.add(entry);
          announcing.delete(entry);
        }
      }
      if (job.action !== 'start') return;
      const having = cluster.known
        .map(({ resources }) => resources.map((resource) => resource.word))
        .filter((words) => words.includes(word));
      const silent = (words: readonly string[]) =>
        words.slice(0, words.indexOf(word)).filter((before) => {
          const known = addressOf(before);
          return known !== undefined && !announcing.has(`${host.name} ${known}`);
        });
      const untold = having.map(silent);
      if (untold.length > 0 && untold.every((words) => words.length > 0))
        cluster.violation(`announcements: ${host.name} starts ${word} before it has announced ${untold[0]?.join(' ')}`);
    });
  }
  cluster.inTheEnd.push(() => {
    if (cluster.setup.failback === 'legacy' || cluster.setup.nice === true) return;
    for (const host of cluster.hosts) {
      if (!cluster.daemonAlive(host.name) || cluster.legacy(host.name) !== undefined) continue;
      for (const word of host.running) {
        const address = addressOf(word);
        const teller = address === undefined ? host.name : last.get(address);
        if (teller !== host.name && cluster.holders(word).length === 1)
          cluster.violation(`announcements: ${host.name} holds ${word}, and ${teller ?? 'nobody'} was the last to announce it`);
      }
    }
  });
}

/** What another node serves too is given up addresses first: of each such group, before anything else of it. */
export function watchAddressesFirst(cluster: SimCluster): void {
  const owed = new Map<string, Set<string>>(NODES.map((name) => [name, new Set<string>()]));
  cluster.listeners.push((node, code, facts) => {
    if (code !== 'healRelease' && code !== 'countedDead' && code !== 'doubledAtStart' && code !== 'groupDoubled') return;
    const keys = String(facts.keys ?? facts.key).split(' ');
    for (const { key, resources } of cluster.known) {
      if (!keys.includes(key)) continue;
      for (const { word } of resources) if (addressOf(word) !== undefined && cluster.holders(word).length > 1) owed.get(node)?.add(word);
    }
  });
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      const words = owed.get(host.name) ?? new Set<string>();
      if (job.action === 'start') words.clear();
      if (job.action !== 'stop' || words.delete(word)) return;
      const groups = cluster.known.filter(({ resources }) => resources.some((resource) => resource.word === word));
      const kept = groups.map(({ resources }) => resources.filter((resource) => words.has(resource.word)));
      if (kept.length > 0 && kept.every((list) => list.length > 0))
        cluster.violation(
          `addresses first: ${host.name} stops ${word} while it keeps ${kept[0]?.map((resource) => resource.word).join(' ')}`,
        );
    });
  }
}
