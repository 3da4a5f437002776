/** What became of a message: the bits of a client's filter (wire-protocol 10.3). Each message has exactly one. */
export const TREATMENT = {
  normal: 1,
  /** A status that says what was known already; those of our own are. */
  unchanged: 2,
  /** For another node, or too old. */
  dropped: 4,
  duplicate: 8,
  /** What a client wrote, as it wrote it. */
  request: 0x10,
  /** Acknowledgements and requests for what is missing. */
  protocol: 0x20,
} as const;

export type Treatment = keyof typeof TREATMENT;
