import type { AuthCatalog, AuthMethod } from '../../contracts/auth.ts';
import { crc } from './crc.ts';
import { md5 } from './md5.ts';
import { sha1 } from './sha1.ts';

/** A new method is one file beside these and one word here. */
const METHODS: readonly AuthMethod[] = [crc, md5, sha1];

export const authCatalog: AuthCatalog = {
  names: METHODS.map(({ name }) => name),
  find: (name) => METHODS.find((method) => method.name === name),
};
