/** The real Heartbeat 3.0.6 and `heartbeat --check` judge the same configurations on the same host. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Judged, judge } from '../differential/both.ts';
import { handMade } from '../differential/cases.ts';
import { NOT_OF_THE_FILES, TEXTS, VERDICTS } from '../differential/exceptions.ts';
import { generated } from '../differential/generated.ts';
import { complaints, missing } from '../differential/texts.ts';
import { Lab } from '../hosts/lab.ts';
import { obstacle } from './walk.ts';

const GENERATED = 60;
const SEED = 306;
const SHOWN = 20;

const cases = [...new Map([...handMade, ...generated(GENERATED, SEED)].map((each) => [each.name, each])).values()];

describe('configurations: the same verdict as Heartbeat 3.0.6', { skip: obstacle('heartbeat3') ?? false }, () => {
  let lab: Lab;
  let all: readonly Judged[] = [];
  before(
    async () => {
      lab = await Lab.open({ lans: ['public', 'heart'], heartbeat3: true });
      const host = await lab.host({
        name: 'n1',
        kind: 'heartbeat3',
        nics: { eth0: { lan: 'public', address: '192.0.2.1/24' }, eth1: { lan: 'heart', address: '198.51.100.1/24' } },
      });
      all = await judge(host, cases);
    },
    { timeout: 290_000 },
  );
  after(() => lab.close());

  it('at least 250 configurations, good and bad ones', () => {
    const good = all.filter(({ real }) => real.status === 0).length;
    assert.ok(all.length >= 250 && good >= 100 && all.length - good >= 100, `${all.length}, ${good} of them good`);
  });

  it('every one is judged: none takes so long that it is killed', () => {
    const strange = all.filter(({ real, ours }) => typeof real.status !== 'number' || ![0, 6].includes(Number(ours.status)));
    assert.deepEqual(strange.map(shownCase), []);
  });

  it('starts or refuses with the same exit status', (t) => {
    const used = new Set<unknown>();
    const differing = all.filter(({ real, ours }) => real.status !== ours.status);
    const unexplained = differing.filter(({ case: { name }, real, ours }) => {
      const exception = VERDICTS.find((each) => each.name.test(name) && each.real === real.status && each.ours === ours.status);
      used.add(exception);
      return exception === undefined;
    });
    t.diagnostic(`${all.length} configurations, ${all.length - differing.length} judged alike, ${differing.length} excepted or not`);
    assert.deepEqual(unexplained.slice(0, SHOWN).map(shownCase), []);
    assert.deepEqual(unused(VERDICTS, used), [], 'exceptions without a case');
  });

  it('what 3.0.6 says about the files is said', (t) => {
    const used = new Set<unknown>();
    const known = [...NOT_OF_THE_FILES, ...TEXTS];
    let said = 0;
    const unexplained = all.flatMap(({ case: { name }, real, ours }) => {
      const texts = complaints(real.text).filter((text) => !NOT_OF_THE_FILES.some((each) => each.text.test(text) && used.add(each)));
      said += texts.length;
      const lacking = missing(texts, ours.text).filter((text) => {
        const exception = known.find((each) => each.text.test(text));
        used.add(exception);
        return exception === undefined;
      });
      return lacking.map((text) => `${name.slice(0, 80)}: ${text}`);
    });
    t.diagnostic(`${said} complaints and warnings of 3.0.6 looked for`);
    assert.deepEqual(unexplained.slice(0, SHOWN), []);
    assert.deepEqual(unused(known, used), [], 'exceptions without a text');
  });

  it('who is refused by ours is told why, and who is not is told nothing of an error', () => {
    const wrong = all.filter(({ ours: { status, text } }) => /^ERROR: /m.test(text) !== (status !== 0));
    assert.deepEqual(wrong.map(shownCase), []);
  });
});

function unused(exceptions: readonly { readonly why: string }[], used: ReadonlySet<unknown>): readonly string[] {
  return exceptions.filter((exception) => !used.has(exception)).map(({ why }) => why);
}

function shownCase({ case: { name }, real, ours }: Judged): string {
  const first = complaints(real.text).find((text) => !NOT_OF_THE_FILES.some((each) => each.text.test(text)));
  return `${name.slice(0, 80)}: 3.0.6 ${real.status} (${first ?? 'no word'}), ours ${ours.status} (${ours.text.split('\n')[0] ?? ''})`;
}
