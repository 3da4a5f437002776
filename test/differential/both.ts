/** Gives configurations to both programs on one test host. */
import { readFileSync } from 'node:fs';
import type { Host } from '../hosts/host.ts';
import type { Case } from './files.ts';

export interface Verdict {
  /** Exit status, or the name of the signal. */
  readonly status: number | string;
  /** Standard output and standard error. */
  readonly text: string;
}

export interface Judged {
  readonly case: Case;
  readonly real: Verdict;
  readonly ours: Verdict;
}

const LIMIT_MS = 270_000;
const runBoth = new URL('run-both.mjs', import.meta.url);

export async function judge(host: Host, cases: readonly Case[]): Promise<readonly Judged[]> {
  await host.write({ '/srv/run-both.mjs': readFileSync(runBoth, 'utf8') });
  const answer = await host.must(['node', '/srv/run-both.mjs'], { input: JSON.stringify(cases), limitMs: LIMIT_MS });
  const verdicts: { readonly real: Verdict; readonly ours: Verdict }[] = JSON.parse(answer);
  return verdicts.map(({ real, ours }, index) => {
    const judged = cases[index];
    if (judged === undefined) throw new Error(`${verdicts.length} answers for ${cases.length} configurations`);
    return { case: judged, real, ours };
  });
}
