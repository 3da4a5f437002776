/** The original's own programs on a host of ours: copied from the unpacked packages, with the libraries that they want. */
import type { Host } from '../hosts/host.ts';
import type { Ended } from '../hosts/run.ts';

const FOLDER = '/usr/local/lib/heartbeat3';
const TREE = '/opt/heartbeatd/.cache/heartbeat3';
const PACKAGES = `${TREE}/usr`;
/** Shell scripts, which name the folder of their functions: here that is the original's. */
const SCRIPTS = ['hb_standby', 'hb_takeover'] as const;

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
  await host.must(
    `mkdir -p /usr/lib/ocf/lib && cp -r ${PACKAGES}/lib/ocf/lib/heartbeat /usr/lib/ocf/lib/ && cp ${TREE}/etc/ha.d/shellfuncs ${FOLDER}/ && for script in ${SCRIPTS.join(' ')}; do
       sed 's|^HA_DIR=.*|HA_DIR=${FOLDER}|' ${PACKAGES}/share/heartbeat/$script >${FOLDER}/$script && chmod 755 ${FOLDER}/$script || exit 1
     done`,
  );
}

/** One of the original's shell tools, on a host of ours. */
export const originalScript = (name: (typeof SCRIPTS)[number]): string => `${FOLDER}/${name}`;

/** The command as shell text. */
export function original(host: Host, program: OriginalProgram): string {
  if (host.spec.kind === 'heartbeat3') return `/usr/${PLACES[program]}`;
  return `env LD_LIBRARY_PATH=${FOLDER} ${FOLDER}/${program}`;
}

/** What can be compared between two of them: exit status and standard output. The versions differ behind the first word. */
export const outcome = ({ status, stdout }: Ended): readonly [number, string] => [status, stdout.replace(/3\.0\.6 \(.*\)/, '3.0.6')];
