/** What was sampled, against what a scenario expects. Pure. */
import type { Placement, Seat, Side, Step } from './events.ts';
import type { Held } from './files.ts';

/** From `at` on (milliseconds, monotonic) these sides hold a thing. */
export interface Change {
  readonly at: number;
  readonly holders: readonly Seat[];
}

/** One step as it ran. Windows follow each other without a gap, so that rest counts to the step after it. */
export interface Window {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly before: Placement;
  readonly after: Placement;
  readonly allows: NonNullable<Step['allows']>;
}

export interface StepFigures {
  readonly title: string;
  readonly ms: number;
  /** How long the address that was gone longest had no holder. */
  readonly gapMs: number;
  /** How long anything was held twice. */
  readonly twiceMs: number;
  /** Who holds each thing at its end: `10.78.0.100: first; service0: nobody`. */
  readonly end: string;
}

export interface Verdict {
  readonly faults: string[];
  readonly steps: StepFigures[];
  /** The longest gap of a step with a holder before and after it; of the starts, where there is no other. */
  readonly gapMs: number;
}

/** Who is to hold a thing, or undefined where nothing is expected. */
export function expected(placement: Placement, home: Side): readonly Side[] | undefined {
  if (placement === 'open') return undefined;
  if (placement === 'off') return [];
  if (placement === 'split') return ['first', 'second'];
  if (placement === 'swapped') return [home === 'first' ? 'second' : 'first'];
  return [placement === 'home' ? home : placement];
}

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly holders: readonly Seat[];
}

export function spansIn(changes: readonly Change[], from: number, to: number): Span[] {
  return changes
    .map((change, index) => ({
      from: Math.max(change.at, from),
      to: Math.min(changes[index + 1]?.at ?? to, to),
      holders: change.holders,
    }))
    .filter((span) => span.to > span.from);
}

/** Those expected both before and after must hold all the while; nobody else may, and two only where it is allowed. */
function faultOf(span: Span, window: Window, home: Side): string | undefined {
  if (window.allows === 'any') return undefined;
  if (span.holders.length > 1 && window.allows !== 'split') return 'was held by both';
  if (window.allows === 'pass') return undefined;
  const before = expected(window.before, home);
  const after = expected(window.after, home);
  if (before === undefined || after === undefined) return undefined;
  const left = before.find((side) => after.includes(side) && !span.holders.includes(side));
  if (left !== undefined) return `was not held by the ${left} node, which was to keep it,`;
  const stranger = span.holders.find((seat) => ![...before, ...after].some((side) => side === seat));
  return stranger === undefined ? undefined : `was held by the ${stranger} node`;
}

const lengthOf = (spans: readonly Span[], count: (holders: number) => boolean): number =>
  spans.filter((span) => count(span.holders.length)).reduce((sum, span) => sum + span.to - span.from, 0);

export function judge(things: readonly Held[], changes: ReadonlyMap<string, readonly Change[]>, windows: readonly Window[]): Verdict {
  const faults: string[] = [];
  const steps = windows.map((window): StepFigures => {
    let gapMs = 0;
    let twiceMs = 0;
    const ends: string[] = [];
    for (const { key, kind, home } of things) {
      const all = changes.get(key) ?? [];
      const spans = spansIn(all, window.from, window.to);
      if (spans.length === 0) faults.push(`${window.title}: ${key} was not sampled`);
      for (const span of spans) {
        const fault = faultOf(span, window, home);
        if (fault !== undefined) {
          const when = `${(span.from - window.from).toFixed(0)} ms after the step began`;
          faults.push(`${window.title}: ${key} ${fault} for ${(span.to - span.from).toFixed(0)} ms, ${when}`);
        }
      }
      const last = [...(spans.at(-1)?.holders ?? [])].sort().join(' and ');
      ends.push(`${key}: ${last || 'nobody'}`);
      const wanted = expected(window.after, home)?.join(' and ');
      if (wanted !== undefined && last !== wanted) {
        faults.push(`${window.title}: ${key} ended with ${last || 'nobody'} and not with ${wanted || 'nobody'}`);
      }
      if (kind === 'address')
        gapMs = Math.max(
          gapMs,
          lengthOf(spans, (count) => count === 0),
        );
      twiceMs = Math.max(
        twiceMs,
        lengthOf(spans, (count) => count > 1),
      );
    }
    const ms = Math.round(window.to - window.from);
    return { title: window.title, ms, gapMs: Math.round(gapMs), twiceMs: Math.round(twiceMs), end: ends.join('; ') };
  });
  const kept = steps.filter((_, index) => windows[index]?.before !== 'off' && windows[index]?.after !== 'off');
  const gapMs = Math.max(0, ...(kept.length > 0 ? kept : steps).map((step) => step.gapMs));
  return { faults, steps, gapMs };
}
