import { EngineError } from '../errors';
import { type Clock, type Observer, systemClock } from '../ports';
import { connectionFailure, type Subject } from './failure';
import { DEFAULT_RETRY, type RegistryOptions, type RetrySettings } from './options';
import { isTemporaryFailure, isTemporaryStatus, parseRetryAfter, retryDelay } from './retry';

/** What has to be known of a request to try it again. */
export interface Try extends Subject {
  /** Requests of one registry and one kind are slowed down together when it asks for that. */
  readonly kind: string;
  /** Where it goes, for messages. */
  readonly host: string;
  readonly signal?: AbortSignal;
  /** Tries in all. @default - the settings' */
  readonly attempts?: number;
  /** Whether it can be sent again: a stream that was begun cannot. @default - it can */
  readonly repeatable?: () => boolean;
}

interface Result {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  discard?(): Promise<void>;
}

/** Tries requests again as settings say, and waits where a registry asks to be left alone. */
export interface Attempts {
  /** Runs `once` until its answer is final. @throws RegistryError when there is none */
  run<T extends Result>(request: Try, once: () => Promise<T>): Promise<T>;
  /** Waits as before another try. @param attempt the number of tries so far, from 1 */
  wait(request: Try, attempt: number, cause: string): Promise<void>;
  readonly settings: RetrySettings;
}

export function attemptsOf(options: Pick<RegistryOptions, 'retry' | 'clock' | 'observer'>): Attempts {
  const settings = { ...DEFAULT_RETRY, ...definedOnly(options.retry ?? {}) };
  const clock = options.clock ?? systemClock;
  const pauses = new Pauses(clock, settings);
  const wait = (request: Try, attempt: number, cause: string, retryAfter?: number) =>
    waitFor(clock, options.observer, request, cause, retryDelay(settings, attempt, retryAfter));

  return {
    settings,
    wait,
    async run(request, once) {
      const most = Math.max(1, request.attempts ?? settings.attempts);
      for (let attempt = 1; ; attempt++) {
        await pauses.pass(request);
        const again = () => attempt < most && request.repeatable?.() !== false;
        let cause: string;
        let retryAfter: number | undefined;
        try {
          const answer = await once();
          if (!isTemporaryStatus(answer.status)) return answer;
          retryAfter = parseRetryAfter(textOf(answer.headers['retry-after']), clock.now());
          if (answer.status === 429) pauses.begin(request, retryDelay(settings, attempt, retryAfter));
          if (!again()) return answer;
          await answer.discard?.();
          cause = String(answer.status);
          if (answer.status === 429) {
            options.observer?.retry?.({ ...told(request), cause, delay: pauses.left(request) });
            continue;
          }
        } catch (thrown) {
          request.signal?.throwIfAborted();
          if (thrown instanceof EngineError || !isTemporaryFailure(thrown) || !again()) {
            throw connectionFailure(request, request.host, thrown);
          }
          cause = (thrown as Error).message;
        }
        await wait(request, attempt, cause, retryAfter);
      }
    },
  };
}

async function waitFor(clock: Clock, observer: Observer | undefined, request: Try, cause: string, delay: number) {
  observer?.retry?.({ ...told(request), cause, delay });
  await clock.sleep(delay, request.signal);
}

function told({ registry, operation }: Try): { registry: string; operation: string } {
  return { registry, operation };
}

/** Until when a registry wants no requests of a kind (429). */
class Pauses {
  private readonly until = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly settings: RetrySettings,
  ) {}

  begin(request: Try, delay: number): void {
    const until = this.clock.now() + delay;
    this.until.set(key(request), Math.max(until, this.until.get(key(request)) ?? 0));
  }

  left(request: Try): number {
    return Math.max(0, (this.until.get(key(request)) ?? 0) - this.clock.now());
  }

  /** Waits until the pause is over, and a little at random, so that not all begin again at once. */
  async pass(request: Try): Promise<void> {
    const left = Math.min(this.left(request), this.settings.maxDelay);
    if (left === 0) {
      this.until.delete(key(request));
      return;
    }
    await this.clock.sleep(left + Math.random() * Math.min(this.settings.baseDelay, left), request.signal);
  }
}

function key({ registry, kind }: Try): string {
  return `${registry} ${kind}`;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
