/** One round with one pair on fresh hosts: every event once, each as one figure in milliseconds. */

import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { monotonicMs, sleep } from '../hosts/run.ts';
import { Asker, startEcho } from './asker.ts';
import { Beats } from './beats.ts';
import { heartbeatAddress, type Peer, vip } from './peers.ts';

export const events = ['start', 'standby', 'stop', 'failback', 'powerOff'] as const;
export type EventName = (typeof events)[number];
export type Round = Partial<Record<EventName, number>>;

/** Nothing moves for this long before an event and after it. */
const restMs = 300;

export async function round(peer: Peer): Promise<Round> {
  const lab = await Lab.open({ lans: ['public', 'heart'], heartbeat3: peer.kind === 'heartbeat3', lifeSeconds: 300 });
  try {
    const node = (name: string, number: number): Promise<Host> =>
      lab.host({
        name,
        kind: peer.kind,
        nics: {
          eth0: { lan: 'public', address: `192.168.171.${number}/24` },
          eth1: { lan: 'heart', address: `${heartbeatAddress(number)}/24` },
        },
      });
    const [first, second, client] = await Promise.all([
      node('n1', 1),
      node('n2', 2),
      lab.host({ name: 'client', kind: 'plain', nics: { eth0: { lan: 'public', address: '192.168.171.9/24' }, eth1: { lan: 'heart' } } }),
    ]);
    await Promise.all([first.write(peer.files(true)), second.write(peer.files(false))]);
    for (const host of [first, second]) startEcho(host);
    const asker = new Asker(client, vip);
    const beats = new Beats(client, 'eth1', heartbeatAddress(1), peer.beats);
    await sleep(restMs);
    try {
      return await walk(peer, first, second, asker, beats);
    } finally {
      asker.stop();
      beats.stop();
    }
  } finally {
    await lab.close();
  }
}

async function walk(peer: Peer, first: Host, second: Host, asker: Asker, beats: Beats): Promise<Round> {
  const figures: Round = {};
  const { patienceMs } = peer;

  async function gap(to: Host, act: () => Promise<unknown>): Promise<number> {
    await sleep(restMs);
    asker.forget();
    const from = monotonicMs();
    await act();
    await asker.firstOf(to.name, from, patienceMs);
    await sleep(restMs);
    return asker.longestSilence(from);
  }

  const started = monotonicMs();
  await Promise.all([peer.start(first), peer.start(second)]);
  figures.start = (await asker.firstOf(first.name, started, patienceMs)).at - started;
  await peer.settled({ first, second, holder: first });

  if (peer.move !== undefined) {
    const { away, back } = peer.move;
    figures.standby = await gap(second, () => away(first));
    await peer.settled({ first, second, holder: second, moved: true });
    await gap(first, () => back(first));
    await peer.settled({ first, second, holder: first, moved: true });
  }

  figures.stop = await gap(second, () => peer.stop(first));
  await peer.settled({ first: undefined, second, holder: second });
  figures.failback = await gap(first, () => peer.start(first));
  await peer.settled({ first, second, holder: first });

  // Anywhere between two heartbeats.
  await sleep(restMs + peer.ripeMs + Math.random() * 400);
  asker.forget();
  const off = await first.powerOff();
  const answer = await asker.firstOf(second.name, off, patienceMs);
  figures.powerOff = answer.at - beats.lastAt - peer.silenceMs;
  return figures;
}
