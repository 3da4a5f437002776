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

/** What happens to one packet on its way: lost, held back for so many ms, or nothing out of the ordinary. */
export type Interference = (from: string, to: string, packet: string) => 'lost' | number | undefined;

interface Port {
  readonly node: string;
  readonly link: string;
  readonly sink: MediumSink;
}

/** The text of one field of a packet, as it stands on the wire. */
export function fieldOf(packet: string, name: string): string | undefined {
  return new RegExp(`\\(0\\)${name}=([^,]*),`).exec(packet)?.[1];
}

/** Broadcast wires between hosts. A cut is per direction and wire. */
export class Network {
  weather: Weather = { ...CALM };
  /** The next packets of this node are lost, whatever the weather. */
  readonly swallow = new Map<string, number>();
  /** When a status of the second node last reached the first, on the timeline. */
  readonly statusHeardAt = new Map<string, number>();
  /** When the newest packet of the second node that has reached the first was sent. */
  readonly heardSentAt = new Map<string, number>();
  delivered = 0;
  /** For scenarios: decides about single packets between different nodes. */
  interfere: Interference = () => undefined;
  /** Looks at every packet that a node hands to a medium. */
  readonly watchers: ((from: string, packet: string) => void)[] = [];
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #ports = new Set<Port>();
  readonly #newestStatus = new Map<string, number>();
  readonly #cuts = new Set<string>();

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  cut(from: string, to: string, link: string): void {
    this.#cuts.add(`${from}>${to}:${link}`);
  }

  heal(): void {
    this.#cuts.clear();
  }

  /** A packet could go from one to the other now, over at least one of the wires that both use. */
  carries(from: string, to: string, links: readonly string[]): boolean {
    if ((this.swallow.get(from) ?? 0) > 0) return false;
    const uses = (node: string, link: string) => [...this.#ports].some((port) => port.node === node && port.link === link);
    return links.some((link) => !this.#cuts.has(`${from}>${to}:${link}`) && uses(from, link) && uses(to, link));
  }

  medium(node: string, spec: MediumSpec): Medium {
    let port: Port | undefined;
    return {
      spec,
      open: (sink) => {
        port = { node, link: spec.link, sink };
        this.#ports.add(port);
        this.#timeline.after(0, () => sink.opened());
      },
      send: (frame) => {
        if (port !== undefined) this.#send(port, frame);
      },
      close: () => {
        if (port !== undefined) this.#ports.delete(port);
        port = undefined;
      },
    };
  }

  /** A packet of this node, kept by somebody, is sent once more. */
  replay(node: string, frame: Uint8Array): void {
    for (const to of this.#ports) if (to.node !== node) to.sink.frame(frame, node);
  }

  /** The host is gone: nothing of it is on the wire any more. */
  unplug(node: string): void {
    for (const port of this.#ports) if (port.node === node) this.#ports.delete(port);
  }

  /** Only a newer status is a sign of life, neither a copy nor one that was asked for again. */
  #noteStatus(pair: string, packet: string): void {
    if (!packet.includes('(0)t=status,')) return;
    const [, sequence = '0'] = /\(0\)seq=([0-9a-f]+),/.exec(packet) ?? [];
    const [, generation = '0'] = /\(0\)hg=([0-9a-f]+),/.exec(packet) ?? [];
    const rank = Number.parseInt(generation, 16) * 1e6 + Number.parseInt(sequence, 16);
    if (rank <= (this.#newestStatus.get(pair) ?? 0)) return;
    this.#newestStatus.set(pair, rank);
    this.statusHeardAt.set(pair, this.#timeline.now);
  }

  #hits(perMille: number): boolean {
    return perMille > 0 && this.#random.below(1000) < perMille;
  }

  #send(from: Port, frame: Uint8Array): void {
    const packet = bytesToText(frame);
    for (const watcher of this.watchers) watcher(from.node, packet);
    const swallowed = this.swallow.get(from.node) ?? 0;
    if (swallowed > 0) {
      this.swallow.set(from.node, swallowed - 1);
      return;
    }
    for (const to of this.#ports) {
      if (to.link !== from.link || this.#cuts.has(`${from.node}>${to.node}:${from.link}`)) continue;
      if (to.node !== from.node && this.#hits(this.weather.loss)) continue;
      const fate = to.node === from.node ? undefined : this.interfere(from.node, to.node, packet);
      if (fate === 'lost') continue;
      const copies = this.#hits(this.weather.duplicate) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) this.#carry(from, to, frame, fate ?? 0);
    }
  }

  #carry(from: Port, to: Port, frame: Uint8Array, heldMs: number): void {
    const delayMs = 0.2 + heldMs + (this.#hits(this.weather.delay) ? 1 + this.#random.below(40) : 0);
    const damaged = this.#hits(this.weather.corrupt);
    const bytes = new Uint8Array(frame);
    if (damaged) {
      const at = this.#random.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#random.below(8));
    }
    const sentAt = this.#timeline.now;
    this.#timeline.after(delayMs, () => {
      if (!this.#ports.has(to)) return;
      this.delivered += 1;
      if (!damaged) this.heardSentAt.set(`${to.node}<${from.node}`, sentAt);
      if (!damaged) this.#noteStatus(`${to.node}<${from.node}`, bytesToText(bytes));
      to.sink.frame(bytes, from.node);
    });
  }
}
