import type { RunResult } from './run.ts';

const MS_PER_HOUR = 3_600_000;

/** What many runs came to. */
export class Tally {
  runs = 0;
  simulatedMs = 0;
  stormMs = 0;
  bothWroteMs = 0;
  /** The seeds that failed, with their first violation. */
  readonly failed: { readonly seed: number; readonly violation: string }[] = [];
  readonly faults = new Map<string, number>();

  add({ seed, violations, faults, simulatedMs, stormMs, bothWroteMs }: Omit<RunResult, 'trace'>): void {
    this.runs += 1;
    this.simulatedMs += simulatedMs;
    this.stormMs += stormMs;
    this.bothWroteMs += bothWroteMs;
    const [violation] = violations;
    if (violation !== undefined) this.failed.push({ seed, violation });
    for (const [kind, count] of Object.entries(faults)) this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
  }

  get injected(): number {
    return [...this.faults.values()].reduce((sum, count) => sum + count, 0);
  }

  get simulatedHours(): number {
    return this.simulatedMs / MS_PER_HOUR;
  }

  /** For people. `wallMs` is how long it took. */
  summary(firstSeed: number, wallMs: number): string {
    const kinds = [...this.faults].sort(([one], [other]) => (one < other ? -1 : 1));
    const rows = kinds.map(([kind, count]) => `  ${kind.padEnd(18)} ${String(count).padStart(9)}`);
    return [
      `runs               ${this.runs} (seeds from ${firstSeed})`,
      `simulated hours    ${this.simulatedHours.toFixed(1)}, of them in storms ${(this.stormMs / MS_PER_HOUR).toFixed(1)}`,
      `injected faults    ${this.injected} of ${kinds.length} kinds`,
      ...rows,
      `both wrote         ${(this.bothWroteMs / 1000).toFixed(1)} s to the shared disk, each time for a named cause`,
      `wall minutes       ${(wallMs / 60_000).toFixed(2)} (${((this.runs * 1000) / Math.max(1, wallMs)).toFixed(1)} runs a second)`,
      `violations         ${this.failed.length === 0 ? 'none' : `in ${this.failed.length} runs`}`,
    ].join('\n');
  }
}
