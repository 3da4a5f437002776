import { createHmac } from 'node:crypto';
import type { AuthMethod } from '../../contracts/auth.ts';

/** HMAC-MD5 (RFC 2104); keys of any length. */
export const md5: AuthMethod = {
  name: 'md5',
  key: 'required',
  strength: 1,
  digest: (key, covered) => createHmac('md5', key).update(covered).digest('hex'),
};
