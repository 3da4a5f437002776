import { describeDirectives } from '../config/directives.ts';
import { defaultsTable, defaultsWiki, effectiveConfiguration } from '../config/tables.ts';
import type { Config } from '../contracts/config.ts';
import { mediaCatalog } from '../media/index.ts';

/** Lines of `heartbeat -D`, or of `-DW`. */
export function defaults(wiki: boolean): readonly string[] {
  const rows = describeDirectives(mediaCatalog);
  return wiki ? defaultsWiki(rows) : defaultsTable(rows);
}

/** Lines of `heartbeat -v`. */
export function effective(config: Config, hostName: string): readonly string[] {
  return effectiveConfiguration(config, hostName, describeDirectives(mediaCatalog));
}
