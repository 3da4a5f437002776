import type { MediumSpec } from '../contracts/config.ts';
import type { Medium, MediumType } from '../contracts/media.ts';
import { bcast } from './bcast.ts';
import { mcast } from './mcast.ts';
import { ucast } from './ucast.ts';

export interface CatalogEntry extends MediumType {
  /** The line 3.0.6 logs when the medium is up (log-lines 2), without its level. */
  startedText(spec: MediumSpec): string;
}

/** Every way to carry packets, by its ha.cf word. A new medium is one file and one line here. */
export const mediaCatalog: Readonly<Record<string, CatalogEntry>> = { bcast, ucast, mcast };

/** The medium of a checked spec. Undefined for a kind that is not in the catalog. */
export function createMedium(spec: MediumSpec): Medium | undefined {
  return mediaCatalog[spec.kind]?.create(spec);
}

export function startedText(spec: MediumSpec): string {
  return mediaCatalog[spec.kind]?.startedText(spec) ?? spec.id;
}
