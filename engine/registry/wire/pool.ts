import type { OnReadOpts, Socket } from 'node:net';
import type { Headers, Listener } from '../outgoing';
import { Connection } from './connection';
import type { Head } from './head';
import { requestHead } from './request-head';
import { Slabs } from './slab';
import { Turn } from './turn';

/** Milliseconds for which nobody uses a connection: below what load balancers commonly allow, so that it is ours to end it. */
const KEPT = 30_000;
/** What a peer says of how long it keeps one is cut by so much: the request must reach it before. */
const MARGIN = 1_000;
const MOST_IDLE = 256;

/** Connections to any number of origins, kept when an answer has ended, the latest used first. */
export class Pool {
  private readonly idle = new Map<string, Connection[]>();
  /** Connections to an origin, those in use and those that are being opened among them. */
  private readonly counts = new Map<string, number>();
  private readonly slabs = new Slabs();
  private closing = false;

  /** @param dial opens a socket to where a URL says, and nowhere else */
  constructor(private readonly dial: (url: URL, onread: OnReadOpts) => Socket) {}

  /**
   * Begins a request.
   *
   * @param fresh on a new connection, because a kept one was stale
   * @throws TypeError for headers that cannot be sent
   */
  request(method: string, url: URL, headers: Headers, listener: Listener, fresh = false): Turn {
    const head = requestHead(method, url, headers);
    const turn = new Turn(method, head, listener, (connection, answer) => this.keep(url.origin, connection, answer));
    turn.begin((fresh ? undefined : this.take(url.origin)) ?? this.connect(url));
    return turn;
  }

  /** Opens connections until there are so many to this origin, for requests that are about to come. */
  expect(url: URL, connections: number): void {
    while (!this.closing && (this.counts.get(url.origin) ?? 0) < connections) {
      const connection = this.connect(url);
      connection.rest(KEPT);
      this.idle.set(url.origin, [...(this.idle.get(url.origin) ?? []), connection]);
    }
  }

  /** Ends idle connections, and the others when their answer has ended. */
  close(): void {
    this.closing = true;
    for (const connection of [...this.idle.values()].flat()) connection.destroy();
    this.idle.clear();
  }

  private connect(url: URL): Connection {
    const { origin } = url;
    const dial = (onread: OnReadOpts) => this.dial(url, onread);
    const isSecure = url.protocol === 'https:';
    const made = new Connection(dial, isSecure, this.slabs, (connection) => this.forget(origin, connection));
    this.counts.set(origin, (this.counts.get(origin) ?? 0) + 1);
    return made;
  }

  private take(origin: string): Connection | undefined {
    const kept = this.idle.get(origin) ?? [];
    for (let last = kept.pop(); last !== undefined; last = kept.pop()) if (!last.destroyed) return last;
    return undefined;
  }

  private keep(origin: string, connection: Connection, answer: Head): void {
    const kept = this.idle.get(origin) ?? [];
    const milliseconds = Math.min(KEPT, keptByPeer(answer) - MARGIN);
    connection.rest(milliseconds);
    if (this.closing || milliseconds <= 0 || kept.length >= MOST_IDLE) connection.destroy();
    else this.idle.set(origin, [...kept, connection]);
  }

  private forget(origin: string, connection: Connection): void {
    const others = (this.counts.get(origin) ?? 1) - 1;
    if (others === 0) this.counts.delete(origin);
    else this.counts.set(origin, others);
    const kept = this.idle.get(origin);
    const at = kept?.indexOf(connection) ?? -1;
    if (at >= 0) kept?.splice(at, 1);
    if (kept?.length === 0) this.idle.delete(origin);
  }
}

/** Milliseconds. The field is of HTTP/1.0's days, and still sent. */
function keptByPeer({ headers }: Head): number {
  const timeout = /(?:^|[,\t ])timeout=([0-9]{1,9})/i.exec(String(headers['keep-alive'] ?? ''))?.[1];
  return timeout === undefined ? Number.POSITIVE_INFINITY : Number(timeout) * 1000;
}
