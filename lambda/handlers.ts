import { eventAnnouncements } from '../aws/announcements';
import type { AwsClients } from '../aws/clients';
import { openDeployment } from '../aws/deployment';
import { parseEvent } from '../aws/events';
import { invokeLater } from '../aws/invoke-self';
import { jsonLog } from '../aws/log';
import { emfMetrics } from '../aws/metrics';
import { tablePulls } from '../aws/pulls';
import { readControllerEnvironment, type Variables } from '../aws/settings';
import { reason } from '../engine/errors';
import { memoryLedger } from '../engine/ledger';
import { budgetLimiter } from '../engine/limiter';
import type { Clock } from '../engine/ports';
import { Env } from '../lib/model/names';
import { haveArrived, readDeploymentRequest } from './arrivals';
import { control } from './control';
import { failuresOf } from './reply';
import type { World } from './world';

/** What Lambda says about the invocation. */
export interface Context {
  getRemainingTimeInMillis(): number;
}

/** The entry points of the controller's functions. */
export interface Handlers {
  /** Whatever happens. Rejects, so that Lambda tries again, when a run as a whole failed. */
  handler(event: unknown, context: Context): Promise<unknown>;
  /**
   * At deployment: has the controller look at the declared rows, also at those that did not change. What failed before now
   * does not count: it is tried again.
   */
  begin(event: unknown): Promise<{ readonly Since: number }>;
  /** At deployment: whether the images of the declared rows are there. Asked again and again. */
  arrived(event: unknown, context: Context): Promise<{ readonly IsComplete: boolean }>;
}

/** What the entry points work with. */
export interface Surroundings {
  readonly clients: AwsClients;
  readonly variables: Variables;
  readonly clock: Clock;
  /** Takes a line of the log. */
  readonly write: (line: string) => void;
}

export function makeHandlers({ clients, variables, clock, write }: Surroundings): Handlers {
  const log = jsonLog(write);

  async function inWorld<T>(context: Context, act: (world: World) => Promise<T>): Promise<T> {
    const environment = readControllerEnvironment(variables);
    const table = (name: string) => ({ name, documents: clients.documents() });
    const limiter = budgetLimiter({
      // It pushes nothing.
      ledger: memoryLedger(),
      pulls: tablePulls(table(environment.copiesTable)),
      clock,
      onTrouble: (quota, cause) => log('budget-failed', { quota, error: reason(cause) }),
    });
    const { settings, registries } = await openDeployment(environment, clients, { clock, limiter });
    try {
      return await act({
        clients,
        mirrors: table(environment.mirrorsTable),
        copies: table(environment.copiesTable),
        settings,
        stores: (repository, side) => registries.store(repository, side),
        pulls: limiter.pulls,
        jobs: { queue: environment.jobQueue, definition: environment.jobDefinition },
        functionName: environment.functionName,
        clock,
        log,
        ...(settings.metrics === undefined ? {} : { metrics: emfMetrics(settings.metrics, clock, write) }),
        ...(settings.eventBus === undefined
          ? {}
          : { announce: eventAnnouncements(clients.events(), settings.eventBus, log) }),
        remaining: () => context.getRemainingTimeInMillis(),
      });
    } finally {
      registries.close();
    }
  }

  return {
    handler: async (event, context) => {
      const trigger = parseEvent(event);
      log('trigger', { kind: trigger.kind, ...(trigger.kind === 'ignored' ? { because: trigger.because } : {}) });
      if (trigger.kind === 'ignored') return { ignored: trigger.because };
      return inWorld(context, async (world) => {
        const reply = await control(trigger, world);
        const failures = 'continued' in reply ? failuresOf(reply) : [];
        if (failures.length > 0) throw new Error(failures.slice(0, 5).join(' · '));
        // What an event source mapping with ReportBatchItemFailures asks for; it means nothing to others.
        return { ...reply, batchItemFailures: [] };
      });
    },
    begin: async (event) => {
      const Since = clock.now();
      const { sources, removed } = readDeploymentRequest(event);
      const controller = variables[Env.CONTROLLER_FUNCTION] ?? '';
      if (!removed && sources.length > 0) await invokeLater(clients.lambda(), controller, { sources });
      return { Since };
    },
    arrived: async (event, context) => {
      const { removed, ...expected } = readDeploymentRequest(event);
      const nothing = removed || expected.sources.length === 0;
      const IsComplete = nothing || (await inWorld(context, (world) => haveArrived(expected, world)));
      return { IsComplete };
    },
  };
}
