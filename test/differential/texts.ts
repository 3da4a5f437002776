/** What 3.0.6 has to say about the files, and whether ours says it too. */

/** Reasons the system gives: they differ with how it was asked. */
const REASON =
  /: (?:No such device|Cannot assign requested address|Resource temporarily unavailable|No such file or directory|Invalid argument|Success|Name or service not known|Temporary failure in name resolution)$/;
/** Printed without a line end at each use, right or wrong (directives 2, 6). */
const AT_EACH_USE = /heartbeat: (?:udpport|baudrate) setting must precede media statements/g;

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Complaints and warnings of 3.0.6, without the head of a log line, and what it prints without one. */
export function complaints(text: string): readonly string[] {
  // An authkeys line is shown with its line end.
  const lines = text.replaceAll(AT_EACH_USE, '').replaceAll('\n]', '\\n]').split('\n');
  return lines.flatMap((line) => {
    const headed = /heartbeat(?:: )?\[\d+\]: (?:[\d/_:]+ )?(\w+): (.*)$/.exec(line);
    if (headed !== null && !/^(?:ERROR|CRIT|WARN)$/.test(headed[1] ?? '')) return [];
    const said = (headed?.[2] ?? line)
      .trimEnd()
      .replace(REASON, '')
      .replace(/[.,!]+$/, '');
    return said.trim() === '' ? [] : [said];
  });
}

/** One after the other in any order, whatever lies between: ours has a line where 3.0.6 has several. */
export function missing(real: readonly string[], ours: string): readonly string[] {
  const said = plain(ours);
  return real.filter((complaint) => !said.includes(plain(complaint)));
}
