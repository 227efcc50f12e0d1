import { eventAnnouncements } from '../aws/announcements';
import { awsClients } from '../aws/clients';
import { openDeployment } from '../aws/deployment';
import { parseEvent } from '../aws/events';
import { invokeLater } from '../aws/invoke-self';
import { jsonLog } from '../aws/log';
import { emfMetrics } from '../aws/metrics';
import { readControllerEnvironment } from '../aws/settings';
import { systemClock } from '../engine/ports';
import { Env } from '../lib/model/names';
import { haveArrived, readDeploymentRequest } from './arrivals';
import { control } from './control';
import { failuresOf } from './reply';
import type { World } from './world';

const clients = awsClients();
const write = (line: string) => {
  process.stdout.write(`${line}\n`);
};
const log = jsonLog(write);

/** What Lambda says about the invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

/** The controller's entry point. Rejects, so that Lambda tries again, when a run as a whole failed. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
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
}

/**
 * At deployment: has the controller look at the declared rows, also at those that did not change. What failed before now does
 * not count: it is tried again.
 */
export async function begin(event: unknown): Promise<{ readonly Since: number }> {
  const Since = systemClock.now();
  const { sources, removed } = readDeploymentRequest(event);
  const controller = process.env[Env.CONTROLLER_FUNCTION] ?? '';
  if (!removed && sources.length > 0) await invokeLater(clients.lambda(), controller, { sources });
  return { Since };
}

/** At deployment: whether the images of the declared rows are there. Asked again and again. */
export async function arrived(event: unknown, context: Context): Promise<{ readonly IsComplete: boolean }> {
  const { removed, ...expected } = readDeploymentRequest(event);
  const nothing = removed || expected.sources.length === 0;
  const IsComplete = nothing || (await inWorld(context, (world) => haveArrived(expected, world)));
  return { IsComplete };
}

async function inWorld<T>(context: Context, act: (world: World) => Promise<T>): Promise<T> {
  const environment = readControllerEnvironment(process.env);
  const { settings, registries } = await openDeployment(environment, clients, { clock: systemClock });
  const table = (name: string) => ({ name, documents: clients.documents() });
  try {
    return await act({
      clients,
      mirrors: table(environment.mirrorsTable),
      copies: table(environment.copiesTable),
      settings,
      stores: (repository, side) => registries.store(repository, side),
      jobs: { queue: environment.jobQueue, definition: environment.jobDefinition },
      functionName: environment.functionName,
      clock: systemClock,
      log,
      ...(settings.metrics === undefined ? {} : { metrics: emfMetrics(settings.metrics, systemClock, write) }),
      ...(settings.eventBus === undefined
        ? {}
        : { announce: eventAnnouncements(clients.events(), settings.eventBus, log) }),
      remaining: () => context.getRemainingTimeInMillis(),
    });
  } finally {
    registries.close();
  }
}
