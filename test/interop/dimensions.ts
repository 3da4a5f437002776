/** What a mixed pair may differ in, as data. Each first value is the base configuration. */
export const dimensions = {
  media: ['bcast', 'ucast', 'mcast', 'two'],
  auth: ['sha1', 'md5', 'crc'],
  msgfmt: ['classic', 'netstring'],
  failback: ['on', 'off', 'legacy'],
  compression: ['none', 'zlib'],
  groups: ['one', 'two', 'ten'],
} as const;

export type Dimension = keyof typeof dimensions;
export type Configuration = { readonly [D in Dimension]: (typeof dimensions)[D][number] };
export type Failback = Configuration['failback'];

export const base: Configuration = {
  media: 'bcast',
  auth: 'sha1',
  msgfmt: 'classic',
  failback: 'on',
  compression: 'none',
  groups: 'one',
};

/** `base`, or what differs from it: `media=ucast,groups=two`. */
export function configurationName(configuration: Configuration): string {
  const differing = (Object.keys(dimensions) as Dimension[]).filter((name) => configuration[name] !== base[name]);
  return differing.length === 0 ? 'base' : differing.map((name) => `${name}=${configuration[name]}`).join(',');
}

/** Who stands first (named first in ha.cf, home of the first group) and second. */
export const pairings = {
  'original-first': ['heartbeat3', 'heartbeatd'],
  'ours-first': ['heartbeatd', 'heartbeat3'],
  reference: ['heartbeat3', 'heartbeat3'],
} as const;

/** Who is the third, where there is one. */
export const thirds = { 'original-first': 'heartbeat3', 'ours-first': 'heartbeatd', reference: 'heartbeat3' } as const;

export type Pairing = keyof typeof pairings;
export const pairingNames = Object.keys(pairings) as Pairing[];
