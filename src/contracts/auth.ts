/** One way to sign a packet. Adding a method is one file and one line in the catalog. */
export interface AuthMethod {
  /** The word in authkeys. */
  readonly name: string;
  readonly key: 'required' | 'unused';
  /** Compared with the others': a key of a stronger method is not given up for one of a weaker. */
  readonly strength: number;
  /** Lower-case hex text over `covered` (wire-protocol 2.2). */
  digest(key: Uint8Array, covered: Uint8Array): string;
}

export interface AuthCatalog {
  find(name: string): AuthMethod | undefined;
  readonly names: readonly string[];
}
