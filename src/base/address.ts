/** The address that a bundled or a site's IPaddr takes up; undefined for other scripts (haresources 3). */
export function addressOf(resource: { readonly script: string; readonly args: readonly string[] }): string | undefined {
  if (resource.script !== 'IPaddr' && resource.script !== 'IPaddr2') return undefined;
  return resource.args[0]?.split('/')[0];
}
