import type { Listener, Outgoing } from '../outgoing';
import type { Connection, User } from './connection';
import type { Head } from './head';
import { Inbox } from './inbox';
import { cutOff } from './malformed';
import { AnswerReader } from './reader';

/** Takes back a connection that could bring another answer. */
export type GiveBack = (connection: Connection, head: Head) => void;

/** One request and its answer, on a connection that is its own until both are through. */
export class Turn implements Outgoing, User {
  /**
   * The connection had waited for the request and broke without a byte of an answer: most likely the peer had closed it before the
   * request came.
   */
  stale = false;
  private connection: Connection | undefined;
  private head: Head | undefined;
  private standing = false;
  private begun = false;
  private written = false;
  private heard = false;
  private excess = false;
  private closed = false;
  private readonly inbox: Inbox;
  private readonly reader: AnswerReader;

  constructor(
    method: string,
    private readonly requestHead: string,
    private readonly listener: Listener,
    private readonly giveBack: GiveBack,
  ) {
    this.inbox = new Inbox({ wanted: () => this.connection?.resume(), unwanted: () => this.destroy() });
    this.reader = new AnswerReader(method, {
      head: (head) => this.answered(head),
      part: (bytes) => this.inbox.push(bytes),
    });
  }

  begin(connection: Connection): void {
    this.connection = connection;
    connection.give(this);
  }

  write(part: Uint8Array): boolean {
    return this.send(part);
  }

  end(): void {
    this.written = true;
    if (!this.standing) return;
    this.send(undefined);
    this.settle();
  }

  destroy(): void {
    this.inbox.abort(this.lose(cutOff('the connection was closed')));
  }

  get finished(): boolean {
    return this.written && this.connection?.flushed !== false;
  }

  get expected(): number {
    return this.reader.expected;
  }

  stands(): void {
    this.standing = true;
    if (this.written) this.send(undefined);
    this.listener.connected();
  }

  drained(): void {
    this.listener.drained();
  }

  read(bytes: Buffer): boolean {
    if (!this.begun) return this.fail(cutOff('the registry spoke before it was asked'));
    this.heard = true;
    try {
      this.excess ||= this.reader.push(bytes) < bytes.length;
    } catch (cause) {
      return this.fail(cause);
    }
    if (this.reader.ended) {
      this.inbox.end();
      this.settle();
    }
    return this.connection === undefined || this.inbox.open;
  }

  ended(): void {
    if (this.reader.close()) {
      this.excess = true;
      this.inbox.end();
      this.settle();
    } else this.lost(undefined);
  }

  lost(cause: Error | undefined): void {
    if (this.connection === undefined) return;
    const where = this.head === undefined ? 'before an answer came' : 'in the middle of the answer';
    this.fail(cause ?? cutOff(`the connection was closed ${where}`));
  }

  private answered(head: Head): void {
    this.head = head;
    this.listener.answered({ status: head.status, headers: head.headers, body: this.inbox });
  }

  /** The head goes with what is sent first. */
  private send(part: Uint8Array | undefined): boolean {
    const head = this.begun ? undefined : this.requestHead;
    this.begun = true;
    return this.connection?.write(head, part) ?? true;
  }

  /** Lets the connection go when request and answer are both through; whoever reads the answer may still be at it. */
  private settle(): void {
    const { connection, head } = this;
    if (connection === undefined || head === undefined || !this.reader.ended || !this.written) return;
    this.connection = undefined;
    if (this.reader.kept && !this.excess && connection.flushed) this.giveBack(connection, head);
    else connection.destroy();
  }

  /** What has come before is still read. */
  private fail(cause: unknown): false {
    this.stale = !this.heard && this.connection?.waited === true;
    this.inbox.fail(this.lose(cause));
    return false;
  }

  private lose<T>(cause: T): T {
    const { connection } = this;
    this.connection = undefined;
    connection?.destroy();
    if (!this.closed) this.listener.closed(cause);
    this.closed = true;
    return cause;
  }
}
