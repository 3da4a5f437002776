/** What a log says that matters to the comparison with two 3.0.6. Pure. */

const SEVERE = /\b(?:ERROR|CRIT|ALERT|EMERG):.*/;
const MACHINE = /lock ourselves into memory|Cannot set scheduling|realtime/i;
/** 3.0.6 cannot read a word of its own tools, which come through its FIFO; on a busy machine it loses some. Packets are read elsewhere. */
const LOST_WORD = /msgfromste?am|msg2string: Message with zero fields/;

/** The level and the text without what differs from run to run: numbers, node names, digests. */
export function bare(line: string): string {
  return line
    .replace(/\b[0-9a-f]{24,}\b/gi, 'HEX')
    .replace(/\bn[1-3]\b/g, 'NODE')
    .replace(/\d+/g, 'N')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
}

/** How often 3.0.6 lost a word of its own tools. */
export function lostWords(log: string): number {
  return log.split('\n').filter((line) => LOST_WORD.test(line)).length;
}

/** Lines at ERROR or above, bare, each once, but those about the machine and about the daemon's own tools. */
export function severe(log: string): string[] {
  const found = log
    .split('\n')
    .filter((line) => !MACHINE.test(line) && !LOST_WORD.test(line))
    .map((line) => SEVERE.exec(line)?.[0]);
  return [...new Set(found.filter((text) => text !== undefined).map(bare))].sort();
}

export function deaths(log: string): number {
  return log.split('\n').filter((line) => /node n\d: is dead/.test(line)).length;
}

/** How often a heartbeatd that wrote this log began its life, restarts in place included. */
export function lives(log: string): number {
  return log.split('\n').filter((line) => line.includes('Configuration validated. Starting heartbeat')).length;
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
