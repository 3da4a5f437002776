import { bytesToText } from '../../src/base/bytes.ts';
import type { Random } from '../../src/contracts/basics.ts';
import type { MediumSpec } from '../../src/contracts/config.ts';
import type { Medium, MediumSink } from '../../src/contracts/media.ts';
import type { Timeline } from './timeline.ts';

/** Chances in per mille of one packet over one medium. */
export interface Weather {
  loss: number;
  duplicate: number;
  /** Extra delay of 1 to 40 ms, which reorders. */
  delay: number;
  /** One byte changed on the way. */
  corrupt: number;
}

export const CALM: Weather = { loss: 0, duplicate: 0, delay: 0, corrupt: 0 };
const PLAIN_DELAY_MS = 0.2;
/** What somebody on the wire has kept to send it again. */
const KEPT_PACKETS_MAX = 200;

/** What happens to one packet on its way: lost, held back for so many ms, or nothing out of the ordinary. */
export type Interference = (from: string, to: string, packet: string) => 'lost' | number | undefined;

interface Port {
  readonly node: string;
  readonly link: string;
  readonly sink: MediumSink;
  /** It hears what it says. */
  readonly echoes: boolean;
  down: boolean;
}

/** The text of one field of a packet, as it stands on the wire. */
export function fieldOf(packet: string, name: string): string | undefined {
  const word = `(0)${name}=`;
  const at = packet.indexOf(word);
  if (at < 0) return undefined;
  const from = at + word.length;
  const end = packet.indexOf(',', from);
  return end < 0 ? undefined : packet.slice(from, end);
}

/** Broadcast wires between hosts. A cut is per direction and wire. */
export class Network {
  weather: Weather = { ...CALM };
  /** The next packets of this node are lost, whatever the weather. */
  readonly swallow = new Map<string, number>();
  /** Every packet of this node takes so many ms longer. */
  readonly latencyMs = new Map<string, number>();
  /** When a status of the second node last reached the first, on the timeline. */
  readonly statusHeardAt = new Map<string, number>();
  delivered = 0;
  /** For scenarios: decides about single packets between different nodes. */
  interfere: Interference = () => undefined;
  /** Looks at every packet that a node hands to a medium. */
  readonly watchers: ((from: string, packet: string) => void)[] = [];
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #ports = new Set<Port>();
  readonly #newest = new Map<string, number>();
  readonly #cuts = new Set<string>();
  readonly #kept: { readonly from: string; readonly bytes: Uint8Array }[] = [];

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  cut(from: string, to: string, link: string): void {
    this.#cuts.add(`${from}>${to}:${link}`);
  }

  heal(from: string, to: string, link: string): void {
    this.#cuts.delete(`${from}>${to}:${link}`);
  }

  healAll(): void {
    this.#cuts.clear();
  }

  #uses(node: string, link: string): boolean {
    for (const port of this.#ports) if (port.node === node && port.link === link && !port.down) return true;
    return false;
  }

  /** A packet could go from one to the other now, over at least one of the wires that both use. */
  carries(from: string, to: string, links: readonly string[]): boolean {
    if ((this.swallow.get(from) ?? 0) > 0) return false;
    for (const link of links) {
      if (this.#cuts.size > 0 && this.#cuts.has(`${from}>${to}:${link}`)) continue;
      if (this.#uses(from, link) && this.#uses(to, link)) return true;
    }
    return false;
  }

  medium(node: string, spec: MediumSpec): Medium {
    let port: Port | undefined;
    return {
      spec,
      open: (sink) => {
        port = { node, link: spec.link, sink, echoes: spec.kind !== 'ucast', down: false };
        this.#ports.add(port);
        this.#timeline.after(0, () => sink.opened());
      },
      send: (frame) => {
        if (port !== undefined && this.#ports.has(port)) this.#send(port, frame);
      },
      close: () => {
        if (port !== undefined) this.#ports.delete(port);
        port = undefined;
      },
    };
  }

  /** One medium of a node cannot carry packets for a while. Answers how it comes back. */
  fail(node: string, link: string): (() => void) | undefined {
    const [port] = [...this.#ports].filter((one) => one.node === node && one.link === link && !one.down);
    if (port === undefined) return undefined;
    port.down = true;
    port.sink.failed({ code: 'ENETDOWN', detail: 'network is down' });
    return () => {
      port.down = false;
      if (this.#ports.has(port)) port.sink.opened();
    };
  }

  /** The host is gone: nothing of it is on the wire any more. */
  unplug(node: string): void {
    for (const port of this.#ports) if (port.node === node) this.#ports.delete(port);
  }

  /** A stranger sends something to a node: no sign of life of anybody, unless it is a packet that had never arrived. */
  inject(to: string, from: string, bytes: Uint8Array): boolean {
    const [port] = [...this.#ports].filter((one) => one.node === to && !one.down);
    if (port === undefined) return false;
    this.#timeline.after(PLAIN_DELAY_MS + this.#random.below(50), () => {
      if (!this.#ports.has(port) || port.down) return;
      const { rank, isStatus } = numbered(bytesToText(bytes));
      if (to !== from && this.#kept.some((one) => one.bytes === bytes)) this.#noteNumber(`${to}<${from}`, rank, isStatus);
      port.sink.frame(bytes, from);
    });
    return true;
  }

  /** A packet of a node that was on the wire some time ago. */
  kept(from: string): Uint8Array | undefined {
    const all = this.#kept.filter((one) => one.from === from);
    return all[this.#random.below(Math.max(1, all.length))]?.bytes;
  }

  /** A packet of somebody who is no node, to all on the wire. */
  injectOn(link: string, frame: Uint8Array): void {
    for (const port of [...this.#ports])
      if (port.link === link) this.#timeline.after(0.2, () => this.#ports.has(port) && port.sink.frame(frame, 'stranger'));
  }

  #hits(perMille: number): boolean {
    return perMille > 0 && this.#random.below(1000) < perMille;
  }

  #send(from: Port, frame: Uint8Array): void {
    const packet = bytesToText(frame);
    for (const watcher of this.watchers) watcher(from.node, packet);
    if (from.down) return;
    const swallowed = this.swallow.get(from.node) ?? 0;
    if (swallowed > 0) {
      this.swallow.set(from.node, swallowed - 1);
      return;
    }
    if (this.#random.below(10) === 0) {
      this.#kept.push({ from: from.node, bytes: frame });
      if (this.#kept.length > KEPT_PACKETS_MAX) this.#kept.shift();
    }
    const { rank, isStatus } = numbered(packet);
    for (const to of this.#ports) {
      if (to.link !== from.link || (this.#cuts.size > 0 && this.#cuts.has(`${from.node}>${to.node}:${from.link}`))) continue;
      if (to.node === from.node) {
        if (from.echoes) this.#carry(from, to, frame, 0, 0, false);
        continue;
      }
      if (this.#hits(this.weather.loss)) continue;
      const fate = this.interfere(from.node, to.node, packet);
      if (fate === 'lost') continue;
      const heldMs = (fate ?? 0) + (this.latencyMs.get(from.node) ?? 0);
      const copies = this.#hits(this.weather.duplicate) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) this.#carry(from, to, frame, heldMs, rank, isStatus);
    }
  }

  #carry(from: Port, to: Port, frame: Uint8Array, heldMs: number, rank: number, isStatus: boolean): void {
    const alone = from.node === to.node;
    const delayMs = PLAIN_DELAY_MS + heldMs + (!alone && this.#hits(this.weather.delay) ? 1 + this.#random.below(40) : 0);
    const damaged = !alone && this.#hits(this.weather.corrupt);
    const bytes = damaged ? this.#damage(frame) : frame;
    this.#timeline.after(delayMs, () => {
      if (to.down || !this.#ports.has(to)) return;
      this.delivered += 1;
      if (!damaged && rank > 0) this.#noteNumber(`${to.node}<${from.node}`, rank, isStatus);
      to.sink.frame(bytes, from.node);
    });
  }

  #damage(frame: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(frame);
    const at = this.#random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#random.below(8));
    return bytes;
  }

  /** Only a status that is newer than every status before it is a sign of life, also when it was asked for again; a copy is none. */
  #noteNumber(pair: string, rank: number, isStatus: boolean): void {
    if (!isStatus || rank <= (this.#newest.get(pair) ?? 0)) return;
    this.#newest.set(pair, rank);
    this.statusHeardAt.set(pair, this.#timeline.now);
  }
}

/** Where a packet stands among all of its node; 0: it has no number. */
function numbered(packet: string): { readonly rank: number; readonly isStatus: boolean } {
  const sequence = fieldOf(packet, 'seq');
  if (sequence === undefined) return { rank: 0, isStatus: false };
  const rank = Number.parseInt(fieldOf(packet, 'hg') ?? '0', 16) * 1e6 + Number.parseInt(sequence, 16);
  return { rank, isStatus: packet.includes('(0)t=status,') };
}
