/** Where a program writes: whole lines, ends added. */
export interface Io {
  out(line: string): void;
  err(line: string): void;
}

/**
 * What came over the network may hold sequences that a terminal obeys: they are shown instead. Tabs and line ends are ours.
 * The form is that of JSON, so that a text in JSON stays one.
 */
export function forTerminal(text: string): string {
  const shown = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => (char === '\t' || char === '\n' ? char : char.replace(/[\s\S]/g, shown)));
}

/** A reader that has gone (`cl_status --json | head -1`, a restarted journal) is no fault of the program. */
function lineWriter(stream: () => NodeJS.WriteStream): (line: string) => void {
  let writer: NodeJS.WriteStream | undefined;
  return (line) => {
    writer ??= stream().on('error', () => undefined);
    writer.write(`${forTerminal(line)}\n`);
  };
}

export const processIo: Io = { out: lineWriter(() => process.stdout), err: lineWriter(() => process.stderr) };
