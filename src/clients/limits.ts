/** What local programs may cost the daemon. */

/** Connections; one more is closed at once. The tools of 3.0.6 hold one each, for a moment. */
export const MAX_CLIENTS = 200;
/** Of one message of a client's: what is longer could not be sent to the other nodes (wire-protocol 1.1). */
export const MAX_CLIENT_MESSAGE_BYTES = 262_143;
/** Names are words like `ipfail`. */
export const MAX_CLIENT_NAME_BYTES = 64;
/** Numbered messages that living nodes have not acknowledged: above it clients wait (wire-protocol 5.4). */
export const MAX_OUTSTANDING = 250;
/** Messages of clients that wait for it; who has more waiting than this is cut off. */
export const MAX_WAITING_PER_CLIENT = 50;
/** Bytes of all that waits. */
export const MAX_WAITING_BYTES = 4_194_304;
/** Questions to other nodes about their clients that are open at a time. */
export const MAX_QUESTIONS = 256;
export const MAX_QUESTIONS_PER_CLIENT = 16;
/** After this an answer is not awaited any more; it is still passed on when it comes. */
export const QUESTION_MS = 30_000;
