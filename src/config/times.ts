/** The longest span a timer of the platform can hold: nearly 25 days. Longer times are cut to it. */
export const TIME_MAX_MS = 2_147_483_647;

const NUMBER = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)/;
/** All that 3.0.6 passes over before the unit: of `1.2.3` the number is 1.2. */
const NUMBER_CHARACTERS = /^[0-9.]+/;

export const TIME_FORMS = 'a time such as 2, 0.5 (seconds) or 500ms (no blank before ms)';

/**
 * A time as ha.cf writes it, in whole ms: seconds without a unit, or a number with a unit that begins with
 * `ms` or `us` (directives 1). `undefined` for everything else, `5s` among it.
 */
export function parseTimeMs(text: string): number | undefined {
  const digits = NUMBER.exec(text)?.[0];
  if (digits === undefined) return undefined;
  const unit = text.slice(NUMBER_CHARACTERS.exec(text)?.[0].length ?? 0).toLowerCase();
  const value = Number(digits);
  let ms: number;
  if (unit === '') ms = value * 1000;
  else if (unit.startsWith('ms')) ms = value;
  else if (unit.startsWith('us')) ms = value / 1000;
  else return undefined;
  return Math.min(TIME_MAX_MS, Math.floor(ms + 0.5));
}
