/** A pair of nodes with a client in front: files, the web server behind the address, and the usual commands. */
import type { FileSpec, Host } from './host.ts';
import { until } from './run.ts';

export interface ClusterFiles {
  /** Lines of ha.cf. */
  readonly hacf: string;
  readonly haresources: string;
  readonly authkeys: string;
}

export function configFiles(files: ClusterFiles): Record<string, FileSpec | string> {
  return {
    '/etc/ha.d/ha.cf': files.hacf,
    '/etc/ha.d/haresources': files.haresources,
    '/etc/ha.d/authkeys': { text: files.authkeys, mode: '600' },
  };
}

/** A page that says who serves it. In a user namespace there is no other user to change to, hence one process. */
export function nginxFiles(host: Host): Record<string, string> {
  const single = host.lab.way === 'user' ? 'user root;\nmaster_process off;\n' : 'user www-data;\nworker_processes 1;\n';
  return {
    '/etc/nginx/nginx.conf': `${single}pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 2048; }
http {
  access_log off;
  server {
    listen 80 default_server backlog=2048;
    default_type text/plain;
    location / { return 200 "${host.name} serves this page\\n"; }
  }
}
`,
  };
}

/** An LSB service that only keeps a mark and writes down each call with the time: stands for httpd, tomcat, mysqld. */
export function serviceScript(name: string): Record<string, FileSpec> {
  const text = `#!/bin/sh
# ${name}: a service that is running while its mark exists
[ "$1" = status ] || echo "$(date +%s.%N) ${name} $*" >>/var/log/services
case "$1" in
  start) touch /run/${name}.mark ;;
  stop) rm -f /run/${name}.mark ;;
  status) if [ -e /run/${name}.mark ]; then echo "${name} is running"; else echo "${name} is stopped"; exit 3; fi ;;
  *) exit 2 ;;
esac
`;
  return { [`/etc/init.d/${name}`]: { text, mode: '755' } };
}

/** Calls of service scripts so far, `httpd start` each, in order. */
export async function serviceCalls(host: Host): Promise<string[]> {
  const text = await host.read('/var/log/services');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').slice(1).join(' '));
}

/** Starts the cluster daemon as the command line does; returns when the command does. */
export async function startHeartbeat(host: Host): Promise<void> {
  await host.must('heartbeat </dev/null >/var/log/start-output 2>&1 || { cat /var/log/start-output; exit 1; }', { limitMs: 30_000 });
}

export function stopHeartbeat(host: Host): Promise<string> {
  return host.must('heartbeat -k', { limitMs: 60_000 });
}

/** `cl_status rscstatus`: all, local, foreign, none or transition; '' while the daemon does not answer. */
export async function resources(host: Host): Promise<string> {
  return (await host.exec('cl_status rscstatus', { limitMs: 5000 })).stdout.trim();
}

export function untilResources(host: Host, wanted: string, limitMs: number): Promise<string> {
  return until(
    `${host.name}: cl_status rscstatus says ${wanted}`,
    limitMs,
    async () => ((await resources(host)) === wanted ? wanted : undefined),
    50,
  );
}

/** Log lines at ERROR or above, those of the machine's own limits left out. */
export async function severeLines(host: Host): Promise<string[]> {
  const text = await host.read('/var/log/ha-log');
  return text
    .split('\n')
    .filter((line) => /\b(ERROR|CRIT|ALERT|EMERG):/.test(line) && !/lock ourselves into memory|Cannot set scheduling|realtime/i.test(line));
}
