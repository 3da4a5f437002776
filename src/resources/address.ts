import type { Resource } from '../contracts/config.ts';

/** The address a bundled or a site's IPaddr takes up, for the announcement; undefined for other scripts. */
export function addressOf(resource: Resource): string | undefined {
  if (resource.script !== 'IPaddr' && resource.script !== 'IPaddr2') return undefined;
  return resource.args[0]?.split('/')[0];
}
