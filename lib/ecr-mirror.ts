import { CfnOutput, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { IJobDefinition, IJobQueue } from 'aws-cdk-lib/aws-batch';
import type { Alarm, Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnPullTimeUpdateExclusion } from 'aws-cdk-lib/aws-ecr';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IDependable } from 'constructs';
import { checkRoles } from './account-role';
import { Arrival } from './arrival';
import { enableBlobMounting } from './blob-mounting';
import { Controller } from './controller';
import { CreationTemplate } from './creation-template';
import { DeclaredRow, type DeclaredRowProps } from './declared-row';
import {
  grantDestinations,
  grantRoles,
  grantSources,
  grantTokens,
  type Parties,
  type Places,
  PULL_ACTIONS,
} from './ecr-access';
import type { EcrMirrorProps } from './ecr-mirror-props';
import type { MirrorRepository } from './mirror-repository';
import { MirrorTables } from './mirror-tables';
import {
  checkAliases,
  checkMappings,
  checkPrefix,
  type DeclaredMirror,
  declareImage,
  type MirroredImage,
  sourceRepository,
} from './mirrored-image';
import { EVENT_SOURCE } from './model/announcement';
import { show } from './model/invalid';
import { DEFAULT_PREFIX, type DestinationMapping, prefixesOf } from './model/mapping';
import { MetricName } from './model/metrics';
import { Env } from './model/names';
import type { OutwardPair } from './model/permissions';
import type { MirrorSettings, RoleSetting } from './model/settings';
import {
  type MirrorAlarmsProps,
  type MirrorDashboardProps,
  makeAlarms,
  makeDashboard,
  ownMetric,
  type Watched,
} from './operations';
import { ecrRepositoryArns, ownRegistry } from './own-registry';
import { checkAllowed, checkPattern, checkPatterns } from './patterns';
import type { RegistryCredentials } from './registry-credentials';
import { Repositories } from './repositories';
import { Settings } from './settings';
import { grantController, grantPeople, grantWorker } from './table-access';
import { Worker } from './worker';

/**
 * Keeps copies of container images in Amazon ECR, and pushes images out to other registries: a table of mirrors, a
 * controller that compares sources with destinations, and workers that copy what differs.
 *
 * @example
 *
 * const mirror = new EcrMirror(this, 'Mirror', {
 *   images: [
 *     { source: 'docker.io/library/nginx', tags: TagSelection.semver('>=1.25').latest(5) },
 *     { source: 'public.ecr.aws/docker/library/redis:8' },
 *   ],
 * });
 * mirror.repositoryFor('docker.io/library/nginx').grantPull(role);
 */
export class EcrMirror extends Construct {
  /** What is to be mirrored: a row a mirror. People write it. */
  public readonly mirrors: ITable;
  /** What was mirrored, when, and what stands in the way. Only the mirror writes it. */
  public readonly copies: ITable;
  /** The function that decides what is copied. Invoked without input it looks at all rows. */
  public readonly controller: IFunction;
  /** Where the jobs that copy wait. */
  public readonly jobQueue: IJobQueue;
  /** What a job that copies runs. Parameters: `plan`, or `source` and `dest` for a single image. */
  public readonly jobDefinition: IJobDefinition;

  private readonly registry = ownRegistry(this);
  private readonly mapping: DestinationMapping;
  private readonly sources: readonly string[];
  private readonly destinations: string[];
  private readonly outward: readonly OutwardPair[];
  private readonly roles: readonly RoleSetting[];
  private readonly credentials: RegistryCredentials[] = [];
  private readonly images = new Map<string, Image>();
  private readonly tables: MirrorTables;
  private readonly created: Repositories;
  /** Those that only a repository's policy can let in. */
  private readonly strangers: IPrincipal[] = [];
  private readonly parties: Parties;
  private readonly worker: Worker;
  private readonly watched: Watched;
  private readonly eventBus?: IEventBus;
  private readonly arrival?: Arrival;
  private readonly beforeRows: readonly IDependable[];
  private readonly keep: { readonly removalPolicy: RemovalPolicy; readonly logRetention: RetentionDays };

  constructor(scope: Construct, id: string, props: EcrMirrorProps = {}) {
    super(scope, id);
    this.keep = {
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    };
    const keep = this.keep;
    this.mapping = readMapping(this.registry, props);
    this.sources = checkPatterns('allowedSources', props.allowedSources ?? ['**']);
    this.destinations = [...checkPatterns('allowedDestinations', props.allowedDestinations ?? this.ownPatterns())];
    this.outward = readOutward(props.outward ?? []);
    this.roles = checkRoles(this, props.accountRoles ?? []);

    this.tables = new MirrorTables(this, 'Tables', { ...keep, ...props });
    this.created = new Repositories(this, 'Repositories', { ...keep, settings: props.repositoryDefaults ?? {} });
    const settings = new Settings(this, 'Settings', { settings: () => this.settings() });
    const told = {
      [Env.COPIES_TABLE]: this.tables.copies.tableName,
      [Env.SETTINGS_PARAMETER]: settings.parameter.parameterName,
    };
    this.worker = new Worker(this, 'Worker', {
      ...props,
      ...keep,
      spot: props.spot ?? true,
      architecture: props.architecture ?? CpuArchitecture.ARM64,
      image: props.workerImage,
      environment: told,
    });
    const controller = new Controller(this, 'Controller', {
      ...keep,
      jobQueueArn: this.worker.jobQueue.jobQueueArn,
      environment: {
        ...told,
        [Env.MIRRORS_TABLE]: this.tables.mirrors.tableName,
        [Env.JOB_QUEUE]: this.worker.jobQueue.jobQueueArn,
        [Env.JOB_DEFINITION]: this.worker.jobDefinition.jobDefinitionArn,
      },
    });
    this.mirrors = this.tables.mirrors;
    this.copies = this.tables.copies;
    this.controller = controller.handler;
    this.jobQueue = this.worker.jobQueue;
    this.jobDefinition = this.worker.jobDefinition;
    this.parties = { controller: controller.handler, worker: this.worker.role };

    this.watched = { controller, ...(props.metrics === true ? { deployment: this.node.path } : {}) };
    this.eventBus = props.eventBus;
    this.grantAll(settings);
    this.wake(controller, props);
    this.prepare(props);
    this.beforeRows = [settings, ...(controller.handler.role === undefined ? [] : [controller.handler.role])];
    if (props.waitForImages !== undefined) {
      this.arrival = new Arrival(this, 'Arrival', {
        controller,
        sources: () => [...this.images.keys()],
        timeout: props.waitForImages,
        logGroup: customResourceLogs(this, keep),
      });
    }
    for (const credential of props.credentials ?? []) this.addCredentials(credential);
    for (const image of props.images ?? []) this.addImage(image);
    this.tell();
  }

  /** The repositories that were created for images declared here. */
  public get repositories(): MirrorRepository[] {
    return this.created.all;
  }

  /**
   * The repository in which the images of a source are mirrored.
   *
   * @param source As it was declared; tag and digest do not matter.
   */
  public repositoryFor(source: string): MirrorRepository {
    const wanted = sourceRepository(source);
    const found = [...this.images.values()].find(({ repository }) => repository === wanted);
    if (found !== undefined) return found.destination;
    const declared = [...new Set([...this.images.values()].map(({ repository }) => repository))];
    throw new Error(`repositoryFor: got ${show(source)}; declared here: ${declared.join(', ') || 'no images'}`);
  }

  /**
   * Mirrors one more image.
   *
   * @returns the repository in which it is mirrored.
   */
  public addImage(image: MirroredImage): MirrorRepository {
    const { key, tag, repository, repositoryName } = declareImage(image, this.mapping, this.sources);
    if (this.images.has(key))
      throw new Error(`images: got ${show(key)} twice; once would do, with tags for several of its tags`);
    const destination = this.created.ensure(repositoryName, { key, tag, selection: image.tags?._selection() });
    const earlier = [...this.images.values()].find((one) => one.repository === repository);
    if (earlier !== undefined && earlier.destination !== destination) {
      throw new Error(`images: got two repository names for ${show(repository)}; one would do`);
    }
    this.allowDestination(repositoryName);
    const row = this.addRow(`Row ${Token.isUnresolved(key) ? repositoryName : key}`, {
      source: key,
      destinations: image.repositoryName === undefined ? [] : [`${this.registry}/${repositoryName}`],
      tags: image.tags?._selection(),
    });
    row.node.addDependency(destination);
    this.arrival?.after(row);
    this.images.set(key, { repository, destination });
    return destination;
  }

  /**
   * Adds a row to the table of mirrors, for any destinations that the mirror may write, in any registry. No repository is
   * created for it.
   *
   * @param id Names the row in the stack.
   */
  public addMirror(id: string, mirror: DeclaredMirror): void {
    const { source, destinations } = mirror;
    if (destinations.length === 0) {
      throw new Error(`addMirror: got no destinations for ${show(source)}; one or more would do, or addImage`);
    }
    checkAllowed(mirror, { sources: this.sources, destinations: this.destinations, outward: this.outward });
    this.addRow(`Mirror ${id}`, { source, destinations, tags: mirror.tags?._selection() });
  }

  private addRow(id: string, row: Pick<DeclaredRowProps, 'source' | 'destinations' | 'tags'>): DeclaredRow {
    const logGroup = customResourceLogs(this, this.keep);
    const declared = new DeclaredRow(this, id, { ...row, table: this.mirrors, logGroup });
    // The first event of a row may start a job at once: what it needs is to be there.
    declared.node.addDependency(this.worker.role, ...this.beforeRows);
    return declared;
  }

  /** Lets the mirror use one more credential. */
  public addCredentials(credentials: RegistryCredentials): void {
    this.credentials.push(credentials);
    credentials._grantRead(this.parties.controller);
    credentials._grantRead(this.parties.worker);
    if (credentials.secret !== undefined) this.worker.reach('Secrets');
  }

  /**
   * Lets somebody pull mirrored images: from the repositories of images declared here, also those added later, and, where the
   * grantee has a policy of its own, from whatever else lies under the prefix.
   */
  public grantPull(grantee: IGrantable): Grant {
    const underPrefix = Grant.addToPrincipal({
      grantee,
      actions: PULL_ACTIONS,
      resourceArns: this.ownPatterns().flatMap((pattern) => ecrRepositoryArns(this, pattern)),
    });
    if (!underPrefix.success) this.strangers.push(grantee.grantPrincipal);
    Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
    return this.created.grantPull(grantee).reduce((all, one) => all.combine(one), underPrefix);
  }

  /**
   * Lets somebody manage the mirror: edit the table of mirrors, read the table of copies, invoke the controller. What rows may
   * ask for remains what the construct allows.
   */
  public grantManage(grantee: IGrantable): Grant {
    return grantPeople(this.tables, grantee).combine(this.controller.grantInvoke(grantee));
  }

  /** Destinations that a run looked at, on each run. */
  public metricChecked(props?: MetricOptions): Metric {
    return this.metric(MetricName.CHECKED, props);
  }

  /** Destinations that were brought up to date. */
  public metricCopied(props?: MetricOptions): Metric {
    return this.metric(MetricName.COPIED, props);
  }

  /** Destinations, images and rows that could not be, at each try. */
  public metricFailed(props?: MetricOptions): Metric {
    return this.metric(MetricName.FAILED, props);
  }

  /** Immutable tags that hold another image than their source. */
  public metricConflicts(props?: MetricOptions): Metric {
    return this.metric(MetricName.CONFLICTS, props);
  }

  /** Bytes sent to destinations. */
  public metricBytes(props?: MetricOptions): Metric {
    return this.metric(MetricName.BYTES, props);
  }

  /** Seconds since the mirror that has waited longest was last what its source is; 0 when all are. */
  public metricOldestSuccess(props?: MetricOptions): Metric {
    return this.metric(MetricName.OLDEST_SUCCESS, props);
  }

  /** Charts what the mirror does and what stands in its way. A dashboard costs a few dollars a month beyond the first three. */
  public addDashboard(props: MirrorDashboardProps = {}): Dashboard {
    return makeDashboard(this, 'Dashboard', this.watched, props);
  }

  /**
   * Tells a topic when copies fail, mirrors are stale (with `metrics`), the controller fails, events could not be handled and
   * jobs cannot start.
   *
   * @returns the alarms, for further actions.
   */
  public addAlarms(topic: ITopic, props: MirrorAlarmsProps = {}): Alarm[] {
    if (props.staleAfter !== undefined && this.watched.deployment === undefined) {
      throw new Error('staleAfter: got it without metrics; metrics: true in the mirror would do');
    }
    return makeAlarms(new Construct(this, 'Alarms'), this.watched, topic, props);
  }

  private metric(name: MetricName, props?: MetricOptions): Metric {
    const { deployment } = this.watched;
    if (deployment === undefined)
      throw new Error(`metric${name}: got it without metrics; metrics: true in the mirror would do`);
    return ownMetric(name, deployment, props);
  }

  /** In the mirror's own name alone. */
  private grantEvents(bus: IEventBus): void {
    Grant.addToPrincipal({
      grantee: this.parties.worker,
      actions: ['events:PutEvents'],
      resourceArns: [bus.eventBusArn],
      conditions: { StringEquals: { 'events:source': EVENT_SOURCE } },
    });
    this.worker.reach('Events');
  }

  private ownPatterns(): string[] {
    return prefixesOf(this.mapping).map((prefix) => `${this.registry}/${prefix}/**`);
  }

  private places(patterns: readonly string[]): Places {
    return { patterns, accountsByRole: this.roles.map(({ account }) => account) };
  }

  /** A repository that is declared here may be written whatever the patterns say. */
  private allowDestination(repositoryName: string): void {
    const pattern = `${this.registry}/${repositoryName}`;
    const covered = this.ownPatterns().some(
      (own) => pattern.startsWith(own.slice(0, -'**'.length)) && this.destinations.includes(own),
    );
    if (covered || this.destinations.includes(pattern)) return;
    this.destinations.push(pattern);
    grantDestinations(this, this.parties, this.places([pattern]));
  }

  private settings(): MirrorSettings {
    return {
      permissions: { sources: this.sources, destinations: this.destinations, outward: this.outward },
      mapping: this.mapping,
      credentials: this.credentials.map((credential) => credential._setting()),
      ...(this.roles.length === 0 ? {} : { roles: this.roles }),
      ...(this.watched.deployment === undefined ? {} : { metrics: this.watched.deployment }),
      ...(this.eventBus === undefined ? {} : { eventBus: this.eventBus.eventBusArn }),
    };
  }

  private grantAll(settings: Settings): void {
    const { controller, worker } = this.parties;
    settings.grantRead(controller);
    settings.grantRead(worker);
    grantController(this.tables, controller);
    grantWorker(this.tables, worker);
    this.worker.grantSubmit(controller);
    grantTokens(this.parties);
    grantRoles(
      this.parties,
      this.roles.map(({ roleArn }) => roleArn),
    );
    if (this.roles.length > 0) this.worker.reach('Tokens');
    if (this.eventBus !== undefined) this.grantEvents(this.eventBus);
    grantSources(this, this.parties, this.places([...this.sources, ...this.outward.map(({ from }) => from)]));
    grantDestinations(this, this.parties, this.places([...this.destinations, ...this.outward.map(({ to }) => to)]));
  }

  private wake(controller: Controller, { schedule, scheduleEnabled }: EcrMirrorProps): void {
    if (scheduleEnabled ?? true) controller.onSchedule(schedule ?? ScheduleExpression.rate(Duration.hours(1)));
    else if (schedule !== undefined)
      throw new Error('scheduleEnabled: got false with a schedule; one of them would do');
    controller.onPush(prefixesOf(this.mapping));
    if (this.tables.tellsChanges) controller.onChangedRows(this.mirrors);
  }

  /** Settings of Amazon ECR itself. */
  private prepare({ createOnPush, blobMounting, pullTimeExclusion, repositoryDefaults }: EcrMirrorProps): void {
    if (createOnPush === true) {
      for (const prefix of prefixesOf(this.mapping)) {
        const template = new CreationTemplate(this, `Template ${prefix}`, {
          prefix,
          settings: repositoryDefaults ?? {},
          pullers: () => this.strangers,
        });
        template.grantCreate(this.parties.worker);
      }
    }
    if (blobMounting === true) enableBlobMounting(this, customResourceLogs(this, this.keep));
    if (pullTimeExclusion === true) {
      const { controller } = this.watched;
      for (const [id, role] of [
        ['Controller', controller.handler.role],
        ['Worker', this.worker.role],
      ] as const) {
        if (role !== undefined) new CfnPullTimeUpdateExclusion(this, `${id}PullTime`, { principalArn: role.roleArn });
      }
    }
  }

  private tell(): void {
    const output = (id: string, description: string, value: string) => new CfnOutput(this, id, { description, value });
    output(
      'Registry',
      'Where mirrored images are found, under their prefix',
      `${this.registry}/${this.mapping.prefix}`,
    );
    output('MirrorsTable', 'Table of mirrors: what is to be mirrored', this.mirrors.tableName);
    output(
      'AddMirror',
      'Adds a row; with a source of your own',
      `aws dynamodb put-item --table-name ${this.mirrors.tableName} --item '{"Source":{"S":"docker.io/library/busybox:stable"}}'`,
    );
    output('CopiesTable', 'Table of copies: what was mirrored', this.copies.tableName);
    output('ControllerFunction', 'Function that decides what is copied', this.controller.functionName);
    output('ControllerLogs', 'Where the log of the controller is', this.watched.controller.logGroup.logGroupName);
    output('WorkerLogs', 'Where the logs of the workers are', this.worker.logGroup.logGroupName);
    output('QueueArn', 'Job queue of the workers', this.jobQueue.jobQueueArn);
    output('DefinitionArn', 'Job definition of the workers', this.jobDefinition.jobDefinitionArn);
  }
}

interface Image {
  readonly repository: string;
  readonly destination: MirrorRepository;
}

/** One for the function that calls AWS at deployment, for every mirror in the stack. */
function customResourceLogs(scope: Construct, { logRetention, removalPolicy }: EcrMirror['keep']): LogGroup {
  const stack = Stack.of(scope);
  const known = stack.node.tryFindChild('EcrMirrorDeploymentLogs') as LogGroup | undefined;
  return known ?? new LogGroup(stack, 'EcrMirrorDeploymentLogs', { retention: logRetention, removalPolicy });
}

function readMapping(registry: string, props: EcrMirrorProps): DestinationMapping {
  const { prefix, registryAliases, registryMappings, dropLibrary } = props;
  return {
    registry,
    prefix: checkPrefix(prefix ?? DEFAULT_PREFIX),
    ...(registryAliases === undefined ? {} : { aliases: checkAliases(registryAliases) }),
    ...(dropLibrary === undefined ? {} : { dropLibrary }),
    ...(registryMappings === undefined ? {} : { registries: checkMappings(registryMappings) }),
  };
}

function readOutward(pairs: readonly OutwardPair[]): OutwardPair[] {
  return pairs.map(({ from, to }, index) => ({
    from: checkPattern(`outward[${index}].from`, from),
    to: checkPattern(`outward[${index}].to`, to),
  }));
}
