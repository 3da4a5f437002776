// Test reporter: one line per file of tests as it ends, failures in full, reasons of skipped tests, measured figures.
// Counts go to the file named by TEST_COUNTS as one JSON object a line, so that several runs can be added up.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';

const summary = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

function cause(error) {
  const inner = error?.cause ?? error;
  if (typeof inner === 'string') return inner;
  if (inner?.code === 'ERR_ASSERTION' || inner instanceof Error) return inner.stack ?? inner.message;
  return inspect(inner, { depth: 4 });
}

function indent(text) {
  return text.replace(/^/gm, '      ');
}

export default async function* report(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const reasons = new Map();
  const files = new Map();
  // Names of the tests around the one being told of. A file's events come together, in order.
  const path = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') path[data.nesting] = data.name;
    if (type === 'test:pass' || type === 'test:fail') {
      const { skip, todo, details } = data;
      const told = data.file ? relative(process.cwd(), data.file) : '';
      // Tests made by a shared helper are told of under its file; the name of the outermost test says more.
      const shared = !told.endsWith('.test.ts') && path[0] !== undefined;
      const file = shared ? path[0] : told;
      const name = [...path.slice(shared ? 1 : 0, data.nesting), data.name].join(' > ');
      const entry = files.get(file) ?? { ms: 0, tests: 0 };
      files.set(file, entry);
      if (data.nesting === 0) entry.ms += details.duration_ms;
      const onlyItsParts = details.error?.failureType === 'subtestsFailed';
      // A suite is not a test, but one that is skipped as a whole stands for those in it.
      if (details.type === 'suite' && skip === undefined && (type === 'test:pass' || onlyItsParts)) continue;
      if (type === 'test:fail') {
        if (onlyItsParts) continue;
        counts.failed += 1;
        yield `  FAILED ${file}: ${name}\n${indent(cause(details.error))}\n`;
      } else if (skip !== undefined || todo !== undefined) {
        counts.skipped += 1;
        const reason = typeof skip === 'string' && skip !== '' ? skip : 'no reason given';
        reasons.set(reason, [...(reasons.get(reason) ?? []), `${file}: ${name}`]);
      } else {
        counts.passed += 1;
        entry.tests += 1;
      }
    } else if (type === 'test:diagnostic') {
      if (!(data.nesting === 0 && summary.test(data.message))) yield `    ${data.message.replaceAll('\\n', '\n')}\n`;
    } else if (type === 'test:stderr') {
      yield data.message;
    }
  }
  for (const [file, { ms, tests }] of [...files].sort((one, two) => two[1].ms - one[1].ms).slice(0, 5)) {
    if (ms > 1000) yield `  ${(ms / 1000).toFixed(1)} s  ${file} (${tests} tests)\n`;
  }
  for (const [reason, names] of reasons) {
    yield `  skipped ${names.length}: ${reason}\n`;
    for (const name of names.slice(0, 3)) yield `      ${name}\n`;
    if (names.length > 3) yield `      and ${names.length - 3} more\n`;
  }
  if (process.env.TEST_COUNTS) appendFileSync(process.env.TEST_COUNTS, `${JSON.stringify(counts)}\n`);
}
