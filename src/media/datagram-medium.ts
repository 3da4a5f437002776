import { createSocket, type Socket } from 'node:dgram';
import type { Fault } from '../contracts/basics.ts';
import type { MediumSpec } from '../contracts/config.ts';
import type { Medium, MediumSink } from '../contracts/media.ts';
import {
  type BoundSocket,
  closeDescriptor,
  hasArrived,
  openReceiver,
  openSender,
  probeRoute,
  type ReceiverSpec,
  type SenderSpec,
  sendTo,
} from '../os/bound-socket.ts';
import { ERRNO, errnoFault, thrownFault } from '../os/errno.ts';
import { interfaceIndex } from '../os/interfaces.ts';

/**
 * What bcast, ucast and mcast share: one receiver and one sender bound to an interface, and the way back after
 * the interface was taken away.
 *
 * - A device that was deleted and made again under its name leaves the old sockets deaf for ever: the number of
 *   the interface is compared each second, and at once when a send says ENODEV; then both sockets are made anew.
 * - No route, interface down, a packet filter: the sockets stay (they go on hearing) and sends are tried on. The
 *   failure is told once; the medium counts as open again at the first look after a packet has left, or after the
 *   kernel knows a route again. So a way that works by halves tells its story at most once a second.
 * - A full buffer or a frame too large for the way is a dropped packet, no failure of the medium.
 */
export interface DatagramPlan {
  readonly receiver: ReceiverSpec;
  readonly sender: SenderSpec;
  /** A socket address, read when the medium opens and each second after. */
  destination(): Uint8Array | Fault;
}

export interface MediumTimes {
  /** First wait before opening again; grows to `retryMaxMs`. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** How often the interface is looked at. */
  readonly watchMs: number;
}

export interface MediumCounts {
  readonly sent: number;
  readonly received: number;
  /** Dropped because a buffer was full. */
  readonly dropped: number;
  /** Refused as too large. */
  readonly tooLarge: number;
  /** Not sent for any other reason. */
  readonly failed: number;
}

export interface DatagramMedium extends Medium {
  counts(): MediumCounts;
}

const TIMES: MediumTimes = { retryMs: 250, retryMaxMs: 1000, watchMs: 1000 };
const RETRY_STEP_MS = 50;

/** The frame or the moment is to blame, not the way. */
const BUSY: ReadonlySet<number> = new Set([ERRNO.EAGAIN, ERRNO.ENOBUFS, ERRNO.EINTR, ERRNO.ENOMEM]);
/** No way now; the same sockets work again when there is one, and the kernel can be asked. */
const NO_ROUTE: ReadonlySet<number> = new Set([ERRNO.ENETDOWN, ERRNO.ENETUNREACH, ERRNO.EHOSTUNREACH, ERRNO.EADDRNOTAVAIL]);
/** The socket is good for nothing any more. */
const GONE: ReadonlySet<number> = new Set([ERRNO.ENODEV, ERRNO.ENXIO, ERRNO.EBADF, ERRNO.ENOTSOCK, ERRNO.ENOSYS]);

interface Opened {
  readonly socket: Socket;
  readonly receiver: BoundSocket;
  readonly sender: BoundSocket;
  destination: Uint8Array;
  /** Set while packets find no way over these very sockets: the last error, 0 once one has left again. */
  trouble?: number;
}

export function createDatagramMedium(spec: MediumSpec, plan: DatagramPlan, times: MediumTimes = TIMES): DatagramMedium {
  const counts = { sent: 0, received: 0, dropped: 0, tooLarge: 0, failed: 0 };
  let sink: MediumSink | undefined;
  let open: Opened | undefined;
  let told: 'nothing' | 'opened' | 'failed' = 'nothing';
  let retry: NodeJS.Timeout | undefined;
  let retries = 0;
  let watch: NodeJS.Timeout | undefined;

  /** Calls to the owner come after the call that caused them has returned, and never after `close`. */
  function tell(news: 'opened' | Fault): void {
    const state = news === 'opened' ? 'opened' : 'failed';
    if (told === state) return;
    told = state;
    const owner = sink;
    queueMicrotask(() => {
      if (owner === undefined || owner !== sink) return;
      if (news === 'opened') owner.opened();
      else owner.failed(news);
    });
  }

  function release(): void {
    if (open === undefined) return;
    const { socket, sender } = open;
    open = undefined;
    socket.removeAllListeners('message');
    socket.close();
    closeDescriptor(sender.fd);
  }

  function fail(fault: Fault): void {
    release();
    tell(fault);
    if (sink === undefined || retry !== undefined) return;
    retry = setTimeout(
      () => {
        retry = undefined;
        attempt();
      },
      Math.min(times.retryMs + RETRY_STEP_MS * retries, times.retryMaxMs),
    ).unref();
    retries += 1;
  }

  function attempt(): void {
    const made = openBoth();
    if ('code' in made) {
      fail(made);
      return;
    }
    open = made;
    retries = 0;
    tell('opened');
  }

  function openBoth(): Opened | Fault {
    const destination = plan.destination();
    if (!(destination instanceof Uint8Array)) return destination;
    const sender = openSender(plan.sender);
    if ('code' in sender) return sender;
    const receiver = openReceiver(plan.receiver);
    if ('code' in receiver) {
      closeDescriptor(sender.fd);
      return receiver;
    }
    const socket = createSocket('udp4');
    const made: Opened = { socket, receiver, sender, destination };
    socket.on('error', (error) => {
      if (open === made) fail(thrownFault(spec.id, error));
    });
    socket.on('message', (bytes, from) => {
      counts.received += 1;
      sink?.frame(bytes, from.address);
    });
    try {
      socket.bind({ fd: receiver.fd, exclusive: true });
    } catch (error) {
      socket.close();
      closeDescriptor(receiver.fd);
      closeDescriptor(sender.fd);
      return thrownFault(spec.id, error);
    }
    return made;
  }

  /** The device may have been deleted, or deleted and made again, with nobody sending. */
  function look(): void {
    if (open === undefined) return;
    const index = interfaceIndex(spec.device);
    if (index !== open.sender.interfaceIndex) {
      fail(typeof index === 'number' ? { code: 'ENODEV', detail: `interface ${spec.device} was made anew` } : index);
      return;
    }
    const destination = plan.destination();
    if (destination instanceof Uint8Array) open.destination = destination;
    const { trouble } = open;
    if (trouble === 0 || (trouble !== undefined && NO_ROUTE.has(trouble) && probeRoute(plan.sender, open.destination) === 0)) {
      delete open.trouble;
      tell('opened');
    }
  }

  function notSent(way: Opened, errno: number): void {
    if (BUSY.has(errno)) counts.dropped += 1;
    else if (errno === ERRNO.EMSGSIZE) counts.tooLarge += 1;
    else {
      counts.failed += 1;
      const fault = errnoFault(`send over ${spec.id}`, errno);
      if (GONE.has(errno)) fail(fault);
      else {
        way.trouble = errno;
        tell(fault);
      }
    }
  }

  return {
    spec,
    open(owner) {
      if (sink !== undefined) return;
      sink = owner;
      watch = setInterval(look, times.watchMs).unref();
      attempt();
    },
    send(frame) {
      if (open === undefined) return;
      const errno = sendTo(open.sender.fd, frame, open.destination);
      if (errno !== 0) {
        notSent(open, errno);
        return;
      }
      counts.sent += 1;
      if (open.trouble !== undefined) open.trouble = 0;
    },
    waiting: () => open !== undefined && hasArrived(open.receiver.fd),
    close() {
      sink = undefined;
      told = 'nothing';
      clearTimeout(retry);
      clearInterval(watch);
      retry = undefined;
      release();
    },
    counts: () => ({ ...counts }),
  };
}
