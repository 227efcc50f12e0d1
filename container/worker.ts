import { randomUUID } from 'node:crypto';
import { eventAnnouncements } from '../aws/announcements';
import { tableLedger } from '../aws/budgets';
import { awsClients } from '../aws/clients';
import { openDeployment } from '../aws/deployment';
import { ecrRepositories } from '../aws/ecr-repositories';
import { jsonLog } from '../aws/log';
import { emfMetrics } from '../aws/metrics';
import { tablePulls } from '../aws/pulls';
import { readEnvironment } from '../aws/settings';
import { creatingStores } from '../engine/creating-stores';
import { reason } from '../engine/errors';
import { budgetLimiter } from '../engine/limiter';
import { systemClock } from '../engine/ports';
import { parseJobParameters } from '../lib/model/job';
import { ExitCode } from '../lib/model/outcome';
import { creationOf } from '../lib/model/repository-setting';
import type { MirrorSettings } from '../lib/model/settings';
import { signatureVerifier, type TrustedRootText } from '../signatures/verifier';
import { readArguments, USAGE } from './arguments';
import { exitCodeForError, work } from './work';

/** Milliseconds to stop in, of the 30 s that AWS Batch gives between SIGTERM and SIGKILL. */
const STOP_WITHIN = 20_000;

const write = (line: string) => {
  process.stdout.write(`${line}\n`);
};
const log = jsonLog(write);

function rootIn({ trustedRoot }: MirrorSettings): TrustedRootText | undefined {
  return trustedRoot && { text: JSON.stringify(trustedRoot), what: 'settings trustedRoot' };
}

/** The first process of a container has no default action for signals: without this it would be killed in the end. */
function stopOnSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log('stopping', { signal: name });
      stopping.abort(new DOMException('told to stop', 'AbortError'));
      setTimeout(() => process.exit(ExitCode.TRY_AGAIN), STOP_WITHIN).unref();
    });
  }
  return stopping.signal;
}

async function main(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<ExitCode> {
  const signal = stopOnSignal();
  try {
    const given = readArguments(argv);
    if (given === 'help') {
      process.stdout.write(USAGE);
      return ExitCode.OK;
    }
    const job = parseJobParameters(given, variables.AWS_BATCH_JOB_ARRAY_INDEX);
    const environment = readEnvironment(variables);
    const clients = awsClients();
    const copies = { name: environment.copiesTable, documents: clients.documents() };
    const limiter = budgetLimiter({
      ledger: tableLedger(copies),
      pulls: tablePulls(copies),
      clock: systemClock,
      onTrouble: (quota, cause) => log('budget-failed', { quota, error: reason(cause) }),
    });
    const { settings, registries } = await openDeployment(environment, clients, { clock: systemClock, limiter });
    const maker = ecrRepositories({
      creation: (repository) => creationOf(settings, repository),
      roles: settings.roles,
      clients,
      memory: { copies, maker: randomUUID() },
      clock: systemClock,
      log,
    });
    try {
      return await work(job, {
        copies,
        settings,
        stores: creatingStores((repository, side) => registries.store(repository, side), maker, systemClock),
        clock: systemClock,
        log,
        ...(settings.metrics === undefined ? {} : { metrics: emfMetrics(settings.metrics, systemClock, write) }),
        ...(settings.eventBus === undefined
          ? {}
          : { announce: eventAnnouncements(clients.events(), settings.eventBus, log) }),
        verifySignature: signatureVerifier(rootIn(settings)),
        job: variables.AWS_BATCH_JOB_ID ?? `by-hand-${randomUUID()}`,
        signal,
      });
    } finally {
      await limiter.close();
      registries.close();
      clients.close();
    }
  } catch (error) {
    return signal.aborted ? ExitCode.TRY_AGAIN : exitCodeForError(error, { log });
  }
}

void main(process.argv.slice(2), process.env).then((code) => {
  // Nothing may keep a job alive that has ended.
  process.exit(code);
});
