/** What 3.0.6 logs at ERROR or above that it would not log beside another 3.0.6. Pure. */
import type { Event } from './events.ts';

const SEVERE = /\b(?:ERROR|CRIT|ALERT|EMERG):/;
const MACHINE = /lock ourselves into memory|Cannot set scheduling|realtime/i;

/** What its own kind brings about too (log-lines 3, 6, 7): it is no complaint about us. */
const excuses = {
  torn: /Late heartbeat|returning after partition|Both machines own|No one owns|lost a lot of packets|Irretrievably lost packet/,
  killed: /Emergency Shutdown|Killing pid|process died|comm processes/,
  spoilt: /Return code|Giving up resources|Resource STOP failure|Killing heartbeat|force reboot|not LSB-compliant/,
  members: /deletion failed|node .* is not dead/,
} as const;

function excusesOf(event: Event): RegExp[] {
  const acts = new Set(event.steps.map((step) => step.act.do));
  const has = (...words: readonly (typeof event.steps)[number]['act']['do'][]): boolean => words.some((word) => acts.has(word));
  return [
    ...(has('cut', 'freeze', 'silence', 'lose', 'kill') ? [excuses.torn] : []),
    ...(has('kill') ? [excuses.killed] : []),
    ...(has('spoil') ? [excuses.spoilt, excuses.killed] : []),
    ...(has('add-node', 'delete-node') ? [excuses.members] : []),
  ];
}

export function complaints(log: string, event: Event): string[] {
  const excused = [MACHINE, ...excusesOf(event)];
  return log.split('\n').filter((line) => SEVERE.test(line) && !excused.some((pattern) => pattern.test(line)));
}

/** Per node and second in a quiet pair: two beats, their acknowledgements, and room for a late word. */
const REST_PACKETS_PER_SECOND_MAX = 10;

/** Asking again without an end shows at rest, when nothing else is to be said. */
export function chatter(sent: Readonly<Record<string, number>>, ms: number): string[] {
  return Object.entries(sent)
    .map(([node, packets]) => [node, (packets * 1000) / ms] as const)
    .filter(([, rate]) => rate > REST_PACKETS_PER_SECOND_MAX)
    .map(([node, rate]) => `${node} sent ${rate.toFixed(1)} packets per second at rest`);
}
