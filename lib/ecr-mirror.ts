import { CfnOutput, Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IJobDefinition, IJobQueue } from 'aws-cdk-lib/aws-batch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { Controller } from './controller';
import { DeclaredRow } from './declared-row';
import { grantDestinations, grantSources, grantTokens, type Parties } from './ecr-access';
import type { EcrMirrorProps } from './ecr-mirror-props';
import type { MirrorRepository } from './mirror-repository';
import { MirrorTables } from './mirror-tables';
import { checkAliases, checkPrefix, declareImage, type MirroredImage, sourceRepository } from './mirrored-image';
import { show } from './model/invalid';
import { DEFAULT_PREFIX, type DestinationMapping } from './model/mapping';
import { Env } from './model/names';
import type { OutwardPair } from './model/permissions';
import type { MirrorSettings } from './model/settings';
import { ecrRepositoryArns, ownRegistry } from './own-registry';
import { checkPattern, checkPatterns } from './patterns';
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
  public readonly mirrors: ITableV2;
  /** What was mirrored, when, and what stands in the way. Only the mirror writes it. */
  public readonly copies: ITableV2;
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
  private readonly credentials: RegistryCredentials[] = [];
  private readonly images = new Map<string, Image>();
  private readonly tables: MirrorTables;
  private readonly created: Repositories;
  private readonly parties: Parties;

  constructor(scope: Construct, id: string, props: EcrMirrorProps = {}) {
    super(scope, id);
    const keep = {
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    };
    this.mapping = readMapping(this.registry, props);
    this.sources = checkPatterns('allowedSources', props.allowedSources ?? ['**']);
    this.destinations = [...checkPatterns('allowedDestinations', props.allowedDestinations ?? [this.ownPattern()])];
    this.outward = readOutward(props.outward ?? []);

    this.tables = new MirrorTables(this, 'Tables', keep);
    this.created = new Repositories(this, 'Repositories', { ...keep, settings: props.repositoryDefaults ?? {} });
    const settings = new Settings(this, 'Settings', { settings: () => this.settings() });
    const told = {
      [Env.COPIES_TABLE]: this.tables.copies.tableName,
      [Env.SETTINGS_PARAMETER]: settings.parameter.parameterName,
    };
    const worker = new Worker(this, 'Worker', {
      ...props,
      ...keep,
      spot: props.spot ?? true,
      architecture: props.architecture ?? CpuArchitecture.ARM64,
      image: props.workerImage,
      environment: told,
    });
    const controller = new Controller(this, 'Controller', {
      ...keep,
      environment: {
        ...told,
        [Env.MIRRORS_TABLE]: this.tables.mirrors.tableName,
        [Env.JOB_QUEUE]: worker.jobQueue.jobQueueArn,
        [Env.JOB_DEFINITION]: worker.jobDefinition.jobDefinitionArn,
      },
    });
    this.mirrors = this.tables.mirrors;
    this.copies = this.tables.copies;
    this.controller = controller.handler;
    this.jobQueue = worker.jobQueue;
    this.jobDefinition = worker.jobDefinition;
    this.parties = { controller: controller.handler, worker: worker.role };

    this.grantAll(settings, worker);
    this.wake(controller, props);
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
    const row = new DeclaredRow(this, `Row ${Token.isUnresolved(key) ? repositoryName : key}`, {
      table: this.mirrors,
      source: key,
      destination: image.repositoryName === undefined ? undefined : `${this.registry}/${repositoryName}`,
      tags: image.tags?._selection(),
    });
    row.node.addDependency(destination);
    this.images.set(key, { repository, destination });
    return destination;
  }

  /** Lets the mirror use one more credential. */
  public addCredentials(credentials: RegistryCredentials): void {
    this.credentials.push(credentials);
    credentials.secret.grantRead(this.parties.controller);
    credentials.secret.grantRead(this.parties.worker);
  }

  /**
   * Lets somebody pull mirrored images: from the repositories of images declared here, also those added later, and, where the
   * grantee has a policy of its own, from whatever else lies under the prefix.
   */
  public grantPull(grantee: IGrantable): Grant {
    const actions = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
    const underPrefix = Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: ecrRepositoryArns(this, this.ownPattern()),
    });
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

  private ownPattern(): string {
    return `${this.registry}/${this.mapping.prefix}/**`;
  }

  /** A repository that is declared here may be written whatever the patterns say. */
  private allowDestination(repositoryName: string): void {
    const pattern = `${this.registry}/${repositoryName}`;
    const underPrefix =
      repositoryName.startsWith(`${this.mapping.prefix}/`) && this.destinations.includes(this.ownPattern());
    if (underPrefix || this.destinations.includes(pattern)) return;
    this.destinations.push(pattern);
    grantDestinations(this, this.parties, [pattern]);
  }

  private settings(): MirrorSettings {
    return {
      permissions: { sources: this.sources, destinations: this.destinations, outward: this.outward },
      mapping: this.mapping,
      credentials: this.credentials.map((credential) => credential._setting()),
    };
  }

  private grantAll(settings: Settings, worker: Worker): void {
    const { controller } = this.parties;
    settings.grantRead(controller);
    settings.grantRead(worker.role);
    grantController(this.tables, controller);
    grantWorker(this.tables, worker.role);
    worker.grantSubmit(controller);
    grantTokens(this.parties);
    grantSources(this, this.parties, [...this.sources, ...this.outward.map(({ from }) => from)]);
    grantDestinations(this, this.parties, [...this.destinations, ...this.outward.map(({ to }) => to)]);
  }

  private wake(controller: Controller, { schedule, scheduleEnabled }: EcrMirrorProps): void {
    if (scheduleEnabled ?? true) controller.onSchedule(schedule ?? ScheduleExpression.rate(Duration.hours(1)));
    else if (schedule !== undefined)
      throw new Error('scheduleEnabled: got false with a schedule; one of them would do');
    controller.onPush(this.mapping.prefix ?? DEFAULT_PREFIX);
    controller.onJobs(this.jobQueue.jobQueueArn);
    controller.onChangedRows(this.tables.mirrors);
  }

  private tell(): void {
    const output = (id: string, description: string, value: string) => new CfnOutput(this, id, { description, value });
    output('MirrorsTable', 'Table of mirrors: what is to be mirrored', this.mirrors.tableName);
    output('CopiesTable', 'Table of copies: what was mirrored', this.copies.tableName);
    output('ControllerFunction', 'Function that decides what is copied', this.controller.functionName);
    output('QueueArn', 'Job queue of the workers', this.jobQueue.jobQueueArn);
    output('DefinitionArn', 'Job definition of the workers', this.jobDefinition.jobDefinitionArn);
  }
}

interface Image {
  readonly repository: string;
  readonly destination: MirrorRepository;
}

function readMapping(registry: string, { prefix, registryAliases, dropLibrary }: EcrMirrorProps): DestinationMapping {
  return {
    registry,
    prefix: checkPrefix(prefix ?? DEFAULT_PREFIX),
    ...(registryAliases === undefined ? {} : { aliases: checkAliases(registryAliases) }),
    ...(dropLibrary === undefined ? {} : { dropLibrary }),
  };
}

function readOutward(pairs: readonly OutwardPair[]): OutwardPair[] {
  return pairs.map(({ from, to }, index) => ({
    from: checkPattern(`outward[${index}].from`, from),
    to: checkPattern(`outward[${index}].to`, to),
  }));
}
