/** Node UUIDs travel as 16 raw bytes, here as 16 characters (wire-protocol 3). */
export const UUID_BYTES = 16;

/** Stands in `destuuid` when the node's UUID is not known yet. */
export const NO_UUID = '\0'.repeat(UUID_BYTES);

/** A UUID that says something: 16 bytes, not all zero. Anything else changes nothing (wire-protocol 5.1). */
export function isUuid(raw: string | undefined): raw is string {
  return raw !== undefined && raw.length === UUID_BYTES && raw !== NO_UUID;
}

/** 16 characters to `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
export function uuidToText(raw: string): string {
  let hex = '';
  for (let at = 0; at < raw.length; at += 1) hex += raw.charCodeAt(at).toString(16).padStart(2, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The other way; nothing when the text is no UUID. Dashes may be left out. */
export function textToUuid(written: string): string | undefined {
  const hex = written.replaceAll('-', '');
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) return undefined;
  let raw = '';
  for (let at = 0; at < hex.length; at += 2) raw += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  return raw;
}
