import { MAX_DECIMAL_DIGITS, MAX_HEX_DIGITS } from './limits.ts';

const HEX = new RegExp(`^[0-9a-fA-F]{1,${MAX_HEX_DIGITS}}$`);
const DECIMAL = new RegExp(`^[0-9]{1,${MAX_DECIMAL_DIGITS}}$`);

/** A hex number as `seq`, `hg`, `ts`, `dt` carry it; nothing when it is not one. */
export function readHex(value: string | undefined): number | undefined {
  return value !== undefined && HEX.test(value) ? Number.parseInt(value, 16) : undefined;
}

export function readDecimal(value: string | undefined): number | undefined {
  return value !== undefined && DECIMAL.test(value) ? Number.parseInt(value, 10) : undefined;
}

/** Lower case, without `0x` or padding (wire-protocol 3). */
export function toHex(value: number): string {
  return value.toString(16);
}
