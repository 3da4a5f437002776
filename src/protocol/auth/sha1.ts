import { createHmac } from 'node:crypto';
import type { AuthMethod } from '../../contracts/auth.ts';

/** HMAC-SHA-1 (RFC 2104); keys of any length. */
export const sha1: AuthMethod = {
  name: 'sha1',
  key: 'required',
  strength: 2,
  digest: (key, covered) => createHmac('sha1', key).update(covered).digest('hex'),
};
