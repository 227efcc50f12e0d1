import type { Caller } from '../../aws/caller';
import { EngineError } from '../../engine/errors';
import { systemClock } from '../../engine/ports';
import { ExitCode } from '../../lib/model/outcome';
import type { FlagValues } from '../arguments';
import { checkBehaviours } from '../doctor/checks/behaviours';
import { checkClock } from '../doctor/checks/clock';
import { checkCredentials } from '../doctor/checks/credentials';
import { checkIdentity, judgeCaller } from '../doctor/checks/identity';
import { checkLifecycles } from '../doctor/checks/lifecycles';
import { checkMounting } from '../doctor/checks/mounting';
import { checkNetwork } from '../doctor/checks/network';
import { checkPermissions } from '../doctor/checks/permissions';
import { checkPulls } from '../doctor/checks/pulls';
import { checkQueue } from '../doctor/checks/queue';
import { checkQuotas } from '../doctor/checks/quotas';
import { checkRepositories } from '../doctor/checks/repositories';
import { checkRepositoryPolicies } from '../doctor/checks/repository-policies';
import { checkRoutes } from '../doctor/checks/route';
import { checkRows } from '../doctor/checks/rows';
import { wrongBy } from '../doctor/finding';
import { type Ground, openFileGround, openStackGround } from '../doctor/ground';
import { type PatientSettings, patient } from '../doctor/patience';
import { type Check, runChecks } from '../doctor/run-checks';
import { type DoctorVoice, openDoctorVoice } from '../doctor/voice';
import type { Io } from '../io';
import { readSettings } from '../settings';
import { UsageError } from '../usage';

const CHECKS: readonly Check[] = [
  checkRows,
  checkRoutes,
  checkCredentials,
  checkClock,
  checkPulls,
  checkIdentity,
  checkPermissions,
  checkRepositories,
  checkLifecycles,
  checkRepositoryPolicies,
  checkQuotas,
  checkMounting,
  checkNetwork,
  checkQueue,
  checkBehaviours,
];

/** `ecr-mirror doctor`: what is wrong with the place it runs in and with the deployment. */
export async function doctor(flags: FlagValues, io: Io): Promise<ExitCode> {
  const settings = patient(flags, readSettings(flags, io));
  const voice = openDoctorVoice(io, { json: settings.json, quiet: settings.quiet, all: flags.all === true });
  if (typeof flags.file === 'string') await lookAtFile(flags, settings, io, voice);
  else await lookAtStack(flags, settings, io, voice);
  voice.close();
  if (io.signal?.aborted === true) return ExitCode.TRY_AGAIN;
  return voice.diagnosis.errors > 0 ? ExitCode.FAILED : ExitCode.OK;
}

async function lookAtFile(flags: FlagValues, settings: PatientSettings, io: Io, voice: DoctorVoice): Promise<void> {
  await examine(await openFileGround(flags, settings, io), io, voice);
}

/** A stack that cannot be read, because AWS does not let whoever asks, is a finding like others. @throws UsageError, InvalidValue */
async function lookAtStack(flags: FlagValues, settings: PatientSettings, io: Io, voice: DoctorVoice): Promise<void> {
  const { openStack, readRows, stackFlag } = await import('../stack');
  const name = stackFlag(flags, io);
  if (name === undefined) {
    throw new UsageError('doctor: got nothing to look at; -f FILE, --stack NAME, or ECR_MIRROR_STACK would do');
  }
  let stack: Awaited<ReturnType<typeof openStack>> | undefined;
  try {
    stack = await openStack('doctor', flags, settings, io, { idleTimeout: settings.idleTimeout });
    const rows = (await readRows(stack)).map(({ row }) => row);
    await examine(await openStackGround(stack, rows, settings, io), io, voice);
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause;
    voice.found([wrongBy('DOCTOR-STACK', name, cause), await judgeCaller(() => ask(settings, io))]);
  } finally {
    stack?.close();
  }
}

async function ask(settings: PatientSettings, io: Io): Promise<Caller> {
  const [{ whoAmI }, { awsOptions }, { proxyAgents }] = await Promise.all([
    import('../../aws/caller'),
    import('../aws-options'),
    import('../proxy'),
  ]);
  const { ca, idleTimeout } = settings;
  const options = { ...awsOptions(settings, await proxyAgents(io.env, ca)), idleTimeout };
  return whoAmI(options, () => (io.clock ?? systemClock).now());
}

async function examine(ground: Ground, io: Io, voice: DoctorVoice): Promise<void> {
  try {
    const signal = io.signal === undefined ? {} : { signal: io.signal };
    await runChecks(CHECKS, ground, voice.found, signal);
  } finally {
    ground.close();
  }
}
