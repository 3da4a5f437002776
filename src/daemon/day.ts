import type { StatusSnapshot } from '../contracts/status.ts';
import type { Log } from './log.ts';

/** A day's log file, once rotated, begins with who serves what, and with what ha.cf asks for and does not get. */
export function tellDay(log: Log, { rscstatus, nodes, groups, warnings }: StatusSnapshot): void {
  const others = nodes.map((node) => `${node.name} ${node.status}`).join(', ');
  const running = groups.filter((group) => group.state === 'running').map((group) => group.key);
  log.line('info', `a new day: holding ${rscstatus} (${running.join(' ') || 'no group'}); nodes: ${others}`);
  for (const warning of warnings) log.line('WARN', `NOT IN EFFECT: ${warning}`);
}
