/** One way to make a message shorter. Adding one is one entry where they are made. */
export interface Compressor {
  /** The word of `_compression_algorithm` and of the `compression` directive. */
  readonly name: string;
  /** The whole text; nothing when the bytes are damaged or cut, or when it would be longer than `limitBytes`. Never throws. */
  decompress(bytes: Uint8Array, limitBytes: number): Uint8Array | undefined;
  /** Nothing when it cannot be done. Never throws. */
  compress(bytes: Uint8Array): Uint8Array | undefined;
}

/** Those that this host can do. */
export interface Compressors {
  find(name: string): Compressor | undefined;
}
