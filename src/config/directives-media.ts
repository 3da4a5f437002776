/** Directives that name a way to carry packets. The media of the catalog read their own words. */
import type { MediumSpec } from '../contracts/config.ts';
import type { MediumContext, MediumType } from '../contracts/media.ts';
import type { Directive } from './directive.ts';
import { UDP_PORT_DEFAULT } from './directives-cluster.ts';
import type { LineContext } from './draft.ts';
import { faultOfLackingMedium } from './lacking-media.ts';
import { shown } from './problems.ts';

/** 3.0.6 refuses more (directives 2, limits). */
export const MEDIA_MAX = 64;
/** A medium has a few sentences for one mistake. */
const ERRORS_CHARACTERS_MAX = 600;

interface MediumWords {
  readonly aliases?: readonly string[];
  readonly syntax: string;
  readonly help: string;
}

const KNOWN_MEDIA: Readonly<Record<string, MediumWords>> = {
  bcast: { aliases: ['udp'], syntax: 'bcast IF [IF ...]', help: 'UDP broadcast on each interface.' },
  ucast: { syntax: 'ucast IF PEER', help: 'UDP to one address or host name over an interface; a line with our own address is harmless.' },
  mcast: { syntax: 'mcast IF GROUP PORT TTL LOOP', help: 'UDP multicast over an interface; LOOP is 0 or 1.' },
};

/** Media of 3.0.6 that this version reads but cannot open, unless the catalog has them. */
const LACKING_MEDIA: Readonly<Record<string, MediumWords & { readonly form: Directive['form'] }>> = {
  serial: { form: 'list', syntax: 'serial DEV [DEV ...]', help: 'Serial line.' },
  ucast6: { form: 'wholeLine', syntax: 'ucast6 IF ADDR', help: 'UDP to one IPv6 address.' },
  mcast6: { form: 'wholeLine', syntax: 'mcast6 IF GROUP PORT HOPS LOOP', help: 'IPv6 multicast.' },
};

/** The effective default of `udpport` (directives 2). */
export function defaultUdpPort(host: LineContext['host']): number {
  return host.servicePort('ha-cluster') ?? UDP_PORT_DEFAULT;
}

/** One directive for each medium of the catalog, then those of 3.0.6 that it lacks. */
export function mediaDirectives(catalog: readonly MediumType[]): readonly Directive[] {
  const present = new Set(catalog.map((type) => type.directive));
  const lacking = Object.entries(LACKING_MEDIA).filter(([word]) => !present.has(word));
  return [...catalog.map(fromCatalog), ...lacking.map(([word, words]) => lackingMedium(word, words))];
}

function fromCatalog(type: MediumType): Directive {
  const word = type.directive;
  const words: MediumWords = KNOWN_MEDIA[word] ?? LACKING_MEDIA[word] ?? { syntax: `${word} ...`, help: 'A way to carry packets.' };
  const base = {
    word,
    ...(words.aliases === undefined ? {} : { aliases: words.aliases }),
    syntax: words.syntax,
    help: words.help,
    status: 'implemented',
    recorded: false,
  } as const;
  if (type.form === 'wholeLine') return { ...base, form: 'wholeLine', apply: (rest, line) => applyMedium(type, words.syntax, rest, line) };
  return { ...base, form: 'list', apply: (value, line) => applyMedium(type, words.syntax, [value], line) };
}

function lackingMedium(word: string, words: (typeof LACKING_MEDIA)[string]): Directive {
  const base = { word, syntax: words.syntax, help: words.help, status: 'accepted', recorded: false } as const;
  const apply = (rest: readonly string[], line: LineContext) => {
    if (!countMedium(line)) return;
    const fault = faultOfLackingMedium(word, rest, line.host);
    if (fault === undefined) line.draft.lackingMedia.push(word);
    else refuseMedium(fault, words.syntax, line);
  };
  if (words.form === 'list') return { ...base, form: 'list', apply: (value, line) => apply([value], line) };
  return { ...base, form: 'wholeLine', apply };
}

function applyMedium(type: MediumType, syntax: string, words: readonly string[], line: LineContext): void {
  const { draft, at, host } = line;
  if (!countMedium(line)) return;
  const context: MediumContext = {
    udpport: draft.udpport ?? defaultUdpPort(host),
    hasInterface: (name) => host.hasInterface(name),
    ...(host.resolveHost === undefined ? {} : { resolveHost: (name: string) => host.resolveHost?.(name) }),
  };
  const { specs, errors } = type.parse(words, context, at);
  if (errors.length > 0) {
    refuseMedium(errors.join('; '), syntax, line);
    return;
  }
  for (const spec of specs) addMedium(spec, line);
}

function refuseMedium(fault: string, syntax: string, { draft, problems, at, lineText }: LineContext): void {
  problems.error(at, `${shown(fault, ERRORS_CHARACTERS_MAX)}: read \`${shown(lineText)}\`, expected \`${syntax}\``);
  draft.refused.add('media');
}

/** false when the limit is passed: the line is refused. */
export function countMedium(line: LineContext): boolean {
  line.draft.mediaLines += 1;
  if (line.draft.mediaLines <= MEDIA_MAX) return true;
  line.draft.refused.add('media');
  line.problems.error(
    line.at,
    `Too many media specified (> ${MEDIA_MAX}); Offending command: ${shown(line.lineText)}: expected at most ${MEDIA_MAX}`,
  );
  return false;
}

/** Keeps the ids apart; the same medium twice is one medium. */
function addMedium(spec: MediumSpec, { draft, problems, at, host }: LineContext): void {
  if (!host.hasInterface(spec.device)) {
    problems.warning(at, `${shown(spec.id)}: the interface ${shown(spec.device)} does not exist now; it is waited for`);
  }
  const same = draft.media.find((other) => other.id === spec.id);
  if (same === undefined) {
    draft.media.push(spec);
    return;
  }
  if (same.address === spec.address && same.port === spec.port && same.device === spec.device) {
    problems.warning(at, `${shown(spec.id)}: listed already; one is enough`);
    return;
  }
  const id = `${spec.id} ${spec.address ?? ''}:${spec.port}`;
  if (!draft.media.some((other) => other.id === id)) draft.media.push({ ...spec, id });
}
