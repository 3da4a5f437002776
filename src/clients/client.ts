import type { ClientCredentials, ClientId } from '../contracts/clients.ts';
import { TREATMENT } from './treatment.ts';

/** One local program at the client socket. */
export class Client {
  readonly id: ClientId;
  readonly credentials: ClientCredentials;
  /** Its own word at the sign-on, `undefined` before; a casual client is called by its pid. */
  name: string | undefined;
  /** A named client speaks to the cluster, a casual one only asks (wire-protocol 10.3). */
  named = false;
  /** Counts sign-ons within one life of the daemon: `client_gen`. */
  generation = 0;
  filter: number = TREATMENT.normal;
  /** Goes with each message when it is not 0. */
  signal = 0;

  constructor(id: ClientId, credentials: ClientCredentials) {
    this.id = id;
    this.credentials = credentials;
  }

  /** For log lines: nothing that the client could put a newline into. */
  get label(): string {
    return this.name ?? String(this.credentials.pid);
  }
}

/** A word that can stand in a field, in a log line and in square brackets. */
export function isClientName(name: string | undefined, limit: number): name is string {
  return name !== undefined && name.length <= limit && /^[\x21-\x7e]+$/.test(name);
}
