import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { Controller } from './controller';
import type { Kept } from './deployment-logs';
import type { Parties } from './ecr-access';
import type { EcrMirrorProps } from './ecr-mirror-props';
import { MirrorPlaces } from './mirror-places';
import { MirrorTables } from './mirror-tables';
import { EVENT_SOURCE } from './model/announcement';
import { Env } from './model/names';
import type { MirrorSettings } from './model/settings';
import { parseTrustedRoot } from './model/trusted-root';
import { PropsInvalid } from './props-invalid';
import type { RegistryCredentials } from './registry-credentials';
import { Repositories } from './repositories';
import { RepositoryCreation } from './repository-creation';
import { Settings } from './settings';
import { grantController, grantWorker } from './table-access';
import { verificationSchedule, verificationSetting } from './verification';
import { Worker } from './worker';
import { WorkerCreation } from './worker-creation';

/** What a mirror is made of. */
export interface MirrorParts {
  readonly kept: Kept;
  readonly places: MirrorPlaces;
  readonly tables: MirrorTables;
  readonly repositories: Repositories;
  readonly settings: Settings;
  readonly worker: Worker;
  readonly controller: Controller;
  readonly parties: Parties;
  /** What the deployment is called in its metrics; undefined when it has none. */
  readonly deployment?: string;
  /** Asked when the template is made: some may be added until then. */
  readonly credentials: RegistryCredentials[];
  /** Where the worker creates repositories that are missing. */
  readonly creation?: WorkerCreation;
}

/** Makes the parts. Nothing is granted to them yet. @throws Error naming the prop, what was got and what would do. */
export function makeParts(scope: Construct, props: EcrMirrorProps): MirrorParts {
  const kept = {
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
  };
  const places = new MirrorPlaces(scope, props);
  const credentials: RegistryCredentials[] = [];
  const deployment = props.metrics === true ? scope.node.path : undefined;
  const creation =
    props.repositoryCreation === RepositoryCreation.BY_WORKER
      ? new WorkerCreation(places, props.repositoryDefaults ?? {})
      : undefined;
  const tables = new MirrorTables(scope, 'Tables', { ...kept, ...props });
  const repositories = new Repositories(scope, 'Repositories', { ...kept, settings: props.repositoryDefaults ?? {} });
  const settings = new Settings(scope, 'Settings', {
    settings: () => settingsOf({ places, credentials, deployment, creation }, props),
  });
  const { worker, controller } = makeProcesses(scope, props, { kept, tables, settings });
  const parties = { controller: controller.handler, worker: worker.role };
  const made = { kept, places, tables, repositories, settings, worker, controller, parties };
  return { ...made, deployment, credentials, creation };
}

/** What runs: who decides, and who copies. */
function makeProcesses(
  scope: Construct,
  props: EcrMirrorProps,
  { kept, tables, settings }: Pick<MirrorParts, 'kept' | 'tables' | 'settings'>,
): Pick<MirrorParts, 'worker' | 'controller'> {
  const told = {
    [Env.COPIES_TABLE]: tables.copies.tableName,
    [Env.SETTINGS_PARAMETER]: settings.parameter.parameterName,
  };
  const worker = new Worker(scope, 'Worker', {
    ...props,
    ...kept,
    spot: props.spot ?? true,
    architecture: props.architecture ?? CpuArchitecture.ARM64,
    image: props.workerImage,
    environment: told,
  });
  const controller = new Controller(scope, 'Controller', {
    ...kept,
    jobQueueArn: worker.jobQueue.jobQueueArn,
    environment: {
      ...told,
      [Env.MIRRORS_TABLE]: tables.mirrors.tableName,
      [Env.JOB_QUEUE]: worker.jobQueue.jobQueueArn,
      [Env.JOB_DEFINITION]: worker.jobDefinition.jobDefinitionArn,
    },
  });
  return { worker, controller };
}

function settingsOf(
  {
    places,
    credentials,
    deployment,
    creation,
  }: Pick<MirrorParts, 'places' | 'credentials' | 'deployment' | 'creation'>,
  { eventBus, trustedRoot, verification }: EcrMirrorProps,
): MirrorSettings {
  const { permissions, mapping, roles } = places;
  return {
    permissions,
    mapping,
    credentials: credentials.map((credential) => credential._setting()),
    ...(roles.length === 0 ? {} : { roles }),
    ...(deployment === undefined ? {} : { metrics: deployment }),
    ...(eventBus === undefined ? {} : { eventBus: eventBus.eventBusArn }),
    ...(creation === undefined ? {} : { repositories: creation.setting() }),
    ...(verification === undefined ? {} : { verification: verificationSetting(verification) }),
    ...(trustedRoot === undefined ? {} : { trustedRoot: parseTrustedRoot(trustedRoot, 'trustedRoot') }),
  };
}

/** Lets the parts do their work, each its own and nothing more. */
export function grantParts(
  { places, tables, settings, worker, parties, creation }: MirrorParts,
  { eventBus }: EcrMirrorProps,
): void {
  settings.grantRead(parties.controller);
  settings.grantRead(parties.worker);
  grantController(tables, parties.controller);
  grantWorker(tables, parties.worker);
  worker.grantSubmit(parties.controller);
  places.grantAccess(parties);
  if (places.roles.length > 0) worker.reach('Tokens');
  if (eventBus !== undefined) {
    for (const grantee of [parties.controller, parties.worker]) grantEvents(grantee, eventBus);
    worker.reach('Events');
  }
  places.grantRepositories(parties);
  creation?.grant(parties.worker);
}

/** In the mirror's own name alone. The controller tells of jobs that ended without a word. */
function grantEvents(grantee: IGrantable, bus: IEventBus): void {
  Grant.addToPrincipal({
    grantee,
    actions: ['events:PutEvents'],
    resourceArns: [bus.eventBusArn],
    // The key holds the sources of all events of a call.
    conditions: {
      'ForAllValues:StringEquals': { 'events:source': EVENT_SOURCE },
      Null: { 'events:source': 'false' },
    },
  });
}

/** Sets what makes the controller look: time, pushes, and changed rows where their table tells of them. */
export function wakeController(
  { controller, places, tables }: MirrorParts,
  { schedule, scheduleEnabled, verification }: EcrMirrorProps,
): void {
  if (scheduleEnabled ?? true) controller.onSchedule(schedule ?? ScheduleExpression.rate(Duration.hours(1)));
  else if (schedule !== undefined)
    throw new PropsInvalid('scheduleEnabled: got false with a schedule; one of them would do');
  if (verification !== undefined) controller.onVerification(verificationSchedule(verification));
  controller.onPush(places.prefixes);
  if (tables.tellsChanges) controller.onChangedRows(tables.mirrors);
}
