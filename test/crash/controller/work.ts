import { eventAnnouncements } from '../../../aws/announcements';
import { openDeployment } from '../../../aws/deployment';
import { jsonLog } from '../../../aws/log';
import { readEnvironment } from '../../../aws/settings';
import { exitCodeForError, work } from '../../../container/work';
import type { World } from '../../../container/world';
import type { CopyEvent } from '../../../engine/ports';
import { parseJobParameters } from '../../../lib/model/job';
import { ExitCode } from '../../../lib/model/outcome';
import { deliver } from './invoke';
import { clientsAt } from './line';
import { apart, type Place, type SubmittedJob } from './place';

/** AWS Batch and its workers: the real worker, in this process, and a watch over what two of them do at once. */
export interface Workers {
  /** What two workers copied at once: an image and its place. */
  readonly overlaps: readonly string[];
  /** Copies that were begun, and by which job. */
  readonly begun: readonly string[];
  /** Runs all jobs that were submitted since, all at once; one that fails is tried again, twice, and then said to have failed. */
  runAll(): Promise<void>;
  /** The jobs that were submitted since never run. */
  lose(): void;
  /** One attempt of one child. */
  attempt(job: SubmittedJob, child: number, options?: AttemptOptions): Promise<ExitCode>;
}

export interface AttemptOptions {
  /** Seconds that its clock is ahead. @default 0 */
  readonly ahead?: number;
  readonly signal?: AbortSignal;
  /** Milliseconds between renewals. @default - the worker's own */
  readonly renewal?: number;
  /** Where it finds the destinations. @default - there */
  readonly destination?: string;
}

const ATTEMPTS = 3;

export function workersOf(place: Place): Workers {
  const overlaps: string[] = [];
  const begun: string[] = [];
  const busy = new Map<string, number>();
  let ran = 0;

  const watch = ({ step, source, destination, tags = [] }: CopyEvent, job: string) => {
    if (step !== 'started' && step !== 'ended') return;
    for (const name of tags.map((tag) => `${source} to ${destination}:${tag}`)) {
      const others = busy.get(name) ?? 0;
      if (step === 'started') begun.push(`${name} by ${job}`);
      if (step === 'started' && others > 0) overlaps.push(name);
      busy.set(name, others + (step === 'started' ? 1 : -1));
    }
  };

  const attempt: Workers['attempt'] = async (job, child, options = {}) => {
    const id = idOf(job, child);
    const clients = clientsAt(place.peers.aws);
    const clock = apart(place.clock, options.ahead ?? 0);
    const urls = { ...place.peers, ...(options.destination === undefined ? {} : { destination: options.destination }) };
    const { settings, registries } = await openDeployment(readEnvironment(place.variables(urls)), clients, { clock });
    const log = jsonLog((line) => place.lines.push(line));
    const world: World = {
      copies: { name: 'copies', documents: clients.documents() },
      settings,
      stores: (repository, side) => registries.store(repository, side),
      observer: { copy: (event) => watch(event, id) },
      clock,
      log,
      announce: eventAnnouncements(clients.events(), 'bus', log),
      job: id,
      signal: options.signal ?? new AbortController().signal,
      ...(options.renewal === undefined ? {} : { renewal: options.renewal }),
    };
    try {
      return await work(parseJobParameters(job.parameters, job.size > 1 ? String(child) : undefined), world);
    } catch (error) {
      return exitCodeForError(error, world);
    } finally {
      registries.close();
      clients.close();
    }
  };

  const untilDone = async (job: SubmittedJob, child: number): Promise<void> => {
    for (let tries = 0; tries < ATTEMPTS; tries += 1) {
      const code = await attempt(job, child);
      if (code === ExitCode.OK) return;
      if (code !== ExitCode.TRY_AGAIN && code !== ExitCode.UNAVAILABLE) break;
    }
    await deliver(place, ended(job, child));
  };

  return {
    overlaps,
    begun,
    attempt,
    lose: () => {
      ran = place.jobs.length;
    },
    runAll: async () => {
      const waiting = place.jobs.slice(ran);
      ran = place.jobs.length;
      const children = waiting.flatMap((job) => Array.from({ length: job.size }, (_, child) => [job, child] as const));
      await Promise.all(children.map(([job, child]) => untilDone(job, child)));
    },
  };
}

function idOf({ id, size }: SubmittedJob, child: number): string {
  return size > 1 ? `${id}:${child}` : id;
}

/** What AWS Batch says of a job, or of one child, that has failed and is not tried again. */
export function ended(job: SubmittedJob, child?: number) {
  const { parameters, size } = job;
  return {
    'detail-type': 'Batch Job State Change',
    detail: {
      jobId: child === undefined ? job.id : idOf(job, child),
      status: 'FAILED',
      statusReason: 'Host died',
      parameters,
      ...(size > 1 && child === undefined ? { arrayProperties: { size } } : {}),
    },
  };
}
