/** Every bound of the wire, with its reason. Bytes count bytes of the packet, spans are ms. */

/** The read buffer of 3.0.6, less one byte; no packet of any medium is longer (wire-protocol 1.1). */
export const MAX_FRAME_BYTES = 262_143;
/** Most that a compressed message may unpack to: the limit of 3.0.6 (1.1). */
export const MAX_UNPACKED_BYTES = 2_097_152;
/** Fields of such a message, nested ones in classic form included: about as many as the largest datagram can bring uncompressed. */
export const MAX_UNPACKED_FIELDS = 8192;
/** As many digits as a length up to `MAX_UNPACKED_BYTES` can have. */
export const MAX_LENGTH_DIGITS = 7;
/** Of one list field as it stands in netstring form (1.1). */
export const MAX_LIST_BYTES = 1023;
/** Key numbers in authkeys are 0..15 (2.3); two digits are read, so that 16..99 are reported as unknown keys. */
export const MAX_KEY_INDEX_DIGITS = 2;
/** `INDEX SP DIGEST`: the longest digest in use has 40 digits; this leaves room for a new method. */
export const MAX_AUTH_TEXT_BYTES = 160;
/** Nested messages have one substitute for the newline per depth, and there are sixteen (1.2). */
export const MAX_NESTING = 16;
/** Longer names of hosts do not exist; a longer `src` is nobody's. */
export const MAX_NODE_NAME_BYTES = 255;
/** Hex numbers of more digits do not fit a double exactly. 3.0.6 never passes eight. */
export const MAX_HEX_DIGITS = 13;
/** Decimal numbers likewise. */
export const MAX_DECIMAL_DIGITS = 15;

/** A larger gap is not asked for: tracking starts again at the number that came (5.1 f). */
export const MAX_GAP = 250;
/** Numbers of one origin that may be missing at a time (5). */
export const MAX_MISSING = 500;
/** A first request waits at least this long, unless the configured most is below `SHORT_REXMIT_DELAY_MS` (5.3). */
export const MIN_REXMIT_DELAY_MS = 50;
export const SHORT_REXMIT_DELAY_MS = 100;
/** A number that is still missing is asked for again after this (5.3). */
export const REXMIT_REPEAT_MS = 250;
/** After this many requests for one number (ten seconds) it is asked for at the slower pace: the peer cannot help soon. */
export const REXMIT_PATIENCE = 40;
export const REXMIT_SLOW_REPEAT_MS = 2000;
/** A peer answers 50 numbers of one request at most (5.3); half of that leaves room. */
export const MAX_NUMBERS_PER_REQUEST = 25;
/** Requests to one origin in one turn; what is left comes `REXMIT_SPACING_MS` later. */
export const MAX_REQUESTS_PER_TURN = 25;
export const REXMIT_SPACING_MS = 20;

/** Sent messages that are kept (5.3). */
export const HISTORY_MESSAGES = 500;
/** Packets, retransmissions and naks together, that one request can bring (5.3). */
export const MAX_ANSWERS_PER_REQUEST = 50;
/** A number sent again less than this ago is not sent once more (5.3). */
export const RESEND_GUARD_MS = 240;
/** Outstanding messages from which on the filling history is told (5.4). */
export const HISTORY_WARN = 375;
/** One number in ten is acknowledged (5.2). */
export const ACK_PERIOD = 10;

/** Nodes of one cluster: the limit of 3.0.6. */
export const MAX_NODES = 100;
/** Of the name of a node that is added while we run: what 3.0.6 keeps of a name. */
export const MAX_ROSTER_NAME_BYTES = 99;
/** Of the site that `hb_setsite` gives a node. */
export const MAX_SITE_BYTES = 255;
/** Text of all the messages kept for retransmission; the oldest go first. Without it 500 large ones were a gigabyte. */
export const HISTORY_BYTES = 33_554_432;
