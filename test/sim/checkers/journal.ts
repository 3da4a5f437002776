import type { SimCluster } from '../cluster.ts';

/**
 * Whatever a daemon has started on a host is in its journal as long as it runs: a guardian, and a next life, would find it. What came
 * up by itself is nobody's to know before somebody has asked its script, nor what a script has lied about.
 */
export function watchJournal(cluster: SimCluster): void {
  const told = new Set<string>();
  const started = new Map(cluster.hosts.map((host) => [host.name, new Set<string>()]));
  const changes = new Map<string, number>();
  const written = new Map<string, unknown>();
  const lives = new Map<string, number>();
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      if (job.action === 'start') started.get(host.name)?.add(word);
    });
  }
  cluster.check(() => {
    for (const host of cluster.hosts) {
      if (changes.get(host.name) === host.running.changes && written.get(host.name) === host.journal) continue;
      changes.set(host.name, host.running.changes);
      written.set(host.name, host.journal);
      const known = started.get(host.name) ?? new Set<string>();
      if (lives.get(host.name) !== host.life) known.clear();
      lives.set(host.name, host.life);
      for (const word of known) if (!host.running.has(word)) known.delete(word);
      if (cluster.legacyNodes.has(host.name)) continue;
      const named = new Set(host.journal?.words?.flat());
      const lost = [...known].filter((word) => !named.has(word) && !host.liedAbout.has(word));
      const text = `${host.name} ${lost.join(' ')}`;
      if (lost.length > 0 && !told.has(text))
        cluster.violation(`journal: that of ${host.name} does not name ${lost.join(' ')}, which runs`);
      told.add(text);
    }
  });
}
