import type { OnReadOpts, Socket } from 'node:net';
import { Slab, type Slabs } from './slab';

/** Who has the connection. */
export interface User {
  /** It can be written to. */
  stands(): void;
  /** Bytes have come; false to be left alone until `resume`. */
  read(bytes: Buffer): boolean;
  drained(): void;
  /** The peer sends no more. */
  ended(): void;
  /** The connection is gone, with its user. @param cause undefined when it was closed in order */
  lost(cause: Error | undefined): void;
  /** Bytes that are still to come, as far as is known. */
  readonly expected: number;
}

/** Opens a socket that reads as it is told. */
export type Dial = (onread: OnReadOpts) => Socket;

/** One socket, and who has it. Bytes that come for nobody end it. */
export class Connection {
  /** It has stood and waited for a user: the peer may have closed it meanwhile. */
  waited = false;
  private readonly socket: Socket;
  private readonly slab: Slab;
  private user: User | undefined;
  private standing = false;
  private cause: Error | undefined;
  private idle: NodeJS.Timeout | undefined;

  /** @param closed called once, when it can no longer be used */
  constructor(
    dial: Dial,
    isSecure: boolean,
    slabs: Slabs,
    private readonly closed: (connection: Connection) => void,
  ) {
    this.slab = new Slab(slabs);
    this.socket = dial({
      buffer: () => this.slab.room(this.user?.expected ?? 0),
      callback: (length) => this.read(this.slab.take(length)),
    });
    this.socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      this.standing = true;
      this.waited = this.user === undefined;
      this.user?.stands();
    });
    this.socket.on('drain', () => this.user?.drained());
    this.socket.once('end', () => (this.user === undefined ? this.destroy() : this.user.ended()));
    this.socket.on('error', (cause) => {
      this.cause ??= cause;
    });
    this.socket.once('close', () => this.lose());
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  /** Nothing that was written waits in memory. */
  get flushed(): boolean {
    return this.socket.writableLength === 0;
  }

  give(user: User): void {
    clearTimeout(this.idle);
    this.user = user;
    this.socket.ref();
    if (this.standing) user.stands();
  }

  /** Nobody has it now; it is closed when that lasts, and keeps no process alive. @param milliseconds until it is closed */
  rest(milliseconds: number): void {
    this.user = undefined;
    this.waited = this.standing;
    this.idle = setTimeout(() => this.destroy(), milliseconds).unref();
    this.socket.unref();
    this.socket.resume();
  }

  /** Head and first part go out together. False when they wait in memory. */
  write(head: string | undefined, part: Uint8Array | undefined): boolean {
    if (head === undefined) return part === undefined || this.socket.write(part);
    if (part === undefined) return this.socket.write(head, 'latin1');
    this.socket.cork();
    this.socket.write(head, 'latin1');
    const room = this.socket.write(part);
    this.socket.uncork();
    return room;
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(bytes: Buffer): boolean {
    if (this.user !== undefined) return this.user.read(bytes);
    this.destroy();
    return false;
  }

  private lose(): void {
    clearTimeout(this.idle);
    this.slab.end();
    this.closed(this);
    const { user } = this;
    this.user = undefined;
    user?.lost(this.cause);
  }
}
