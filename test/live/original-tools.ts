/** The original's own programs on a host of ours: copied from the unpacked packages, with the libraries that they want. */
import type { Host } from '../hosts/host.ts';
import type { Ended } from '../hosts/run.ts';

const FOLDER = '/usr/local/lib/heartbeat3';
const PACKAGES = '/opt/heartbeatd/.cache/heartbeat3/usr';

/** Where they stand on a host of the original. */
const PLACES = {
  cl_status: 'bin/cl_status',
  api_test: 'libexec/heartbeat/api_test',
  ipfail: 'libexec/heartbeat/ipfail',
} as const;

export type OriginalProgram = keyof typeof PLACES;

/** Nothing to do on a host of the original. */
export async function bringOriginals(host: Host): Promise<void> {
  if (host.spec.kind === 'heartbeat3') return;
  const programs = Object.values(PLACES).map((place) => `${PACKAGES}/${place}`);
  await host.must(
    `mkdir -p ${FOLDER} && cp ${PACKAGES}/lib/lib*.so* ${PACKAGES}/lib/*-linux-gnu/lib*.so* ${FOLDER}/ && cp ${programs.join(' ')} ${FOLDER}/ && chmod -R a+rX ${FOLDER}`,
  );
}

/** The command as shell text. */
export function original(host: Host, program: OriginalProgram): string {
  if (host.spec.kind === 'heartbeat3') return `/usr/${PLACES[program]}`;
  return `env LD_LIBRARY_PATH=${FOLDER} ${FOLDER}/${program}`;
}

/** What can be compared between two of them: exit status and standard output. The versions differ behind the first word. */
export const outcome = ({ status, stdout }: Ended): readonly [number, string] => [status, stdout.replace(/3\.0\.6 \(.*\)/, '3.0.6')];
