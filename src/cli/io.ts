/** Where a program writes: whole lines, ends added. */
export interface Io {
  out(line: string): void;
  err(line: string): void;
}

/** A reader that has gone (`cl_status --json | head -1`, a restarted journal) is no fault of the program. */
function lineWriter(stream: () => NodeJS.WriteStream): (line: string) => void {
  let writer: NodeJS.WriteStream | undefined;
  return (line) => {
    writer ??= stream().on('error', () => undefined);
    writer.write(`${line}\n`);
  };
}

export const processIo: Io = { out: lineWriter(() => process.stdout), err: lineWriter(() => process.stderr) };
