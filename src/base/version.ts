/** The version of this daemon, the same as in package.json (a test compares them). */
export const VERSION = '0.1.0';

/** The release of Linux-HA Heartbeat whose files, commands and protocol are meant. */
export const COMPATIBLE_VERSION = '3.0.6';
