import { Token } from 'aws-cdk-lib';
import type { IJobDefinition, IJobQueue } from 'aws-cdk-lib/aws-batch';
import type { Alarm, Dashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IDependable } from 'constructs';
import { Arrival } from './arrival';
import { DeclaredImages } from './declared-images';
import { DeclaredRow, type DeclaredRowProps } from './declared-row';
import { deploymentLogs } from './deployment-logs';
import { isForeign } from './ecr-access';
import type { EcrMirrorProps } from './ecr-mirror-props';
import { type MirrorAlarmsProps, makeAlarms } from './mirror-alarms';
import { addOutputs, grantOutputs } from './mirror-outputs';
import { grantParts, type MirrorParts, makeParts, wakeController } from './mirror-parts';
import type { MirrorRepository } from './mirror-repository';
import { type DeclaredMirror, type MirroredImage, policiesOf } from './mirrored-image';
import { PULL_ACTIONS } from './model/ecr-actions';
import { show } from './model/invalid';
import { MetricName } from './model/metrics';
import { type MirrorDashboardProps, makeDashboard, mirrorMetric, type Watched } from './operations';
import { ecrRepositoryArns } from './own-registry';
import { checkAllowed } from './patterns';
import { PropsInvalid } from './props-invalid';
import type { RegistryCredentials } from './registry-credentials';
import { prepareRegistry } from './registry-settings';
import { RowPolicy } from './row-policy';
import { grantPeople } from './table-access';
import { takeWebhooks } from './webhooks';

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
  /** Where webhooks are sent, with the name of their source behind it; undefined where there are none. */
  public readonly webhooksUrl?: string;

  private readonly parts: MirrorParts;
  private readonly images: DeclaredImages;
  /** Those that are let in by a repository's policy alone, or not without one. */
  private readonly strangers: IPrincipal[] = [];
  private readonly watched: Watched;
  private readonly arrival?: Arrival;
  private readonly beforeRows: readonly IDependable[];
  private readonly rowPolicy: RowPolicy;

  constructor(scope: Construct, id: string, props: EcrMirrorProps = {}) {
    super(scope, id);
    this.parts = makeParts(this, props);
    const { tables, worker, controller, deployment } = this.parts;
    this.mirrors = tables.mirrors;
    this.copies = tables.copies;
    this.controller = controller.handler;
    this.jobQueue = worker.jobQueue;
    this.jobDefinition = worker.jobDefinition;
    const hourly = props.schedule === undefined && props.scheduleEnabled !== false;
    this.watched = { controller, hourly, ...(deployment === undefined ? {} : { deployment }) };
    this.images = new DeclaredImages(this.parts.repositories);

    grantParts(this.parts, props);
    wakeController(this.parts, props);
    this.webhooksUrl = takeWebhooks(this, this.parts, props);
    prepareRegistry(this, props, this.parts, () => this.strangers);
    this.rowPolicy = new RowPolicy(this, 'RowPolicy', tables.mirrors);
    this.beforeRows = [this.parts.settings, controller.handler.role ?? []].flat();
    this.arrival = this.awaitImages(props);
    for (const credential of props.credentials ?? []) this.addCredentials(credential);
    for (const image of props.images ?? []) this.addImage(image);
    addOutputs(this, this.parts);
  }

  /** The repositories that were created for images declared here. */
  public get repositories(): MirrorRepository[] {
    return this.parts.repositories.all;
  }

  /**
   * The repository in which the images of a source are mirrored.
   *
   * @param source As it was declared; tag and digest do not matter.
   */
  public repositoryFor(source: string): MirrorRepository {
    return this.images.repositoryFor(source);
  }

  /**
   * Mirrors one more image.
   *
   * @returns the repository in which it is mirrored.
   */
  public addImage(image: MirroredImage): MirrorRepository {
    const { places, parties } = this.parts;
    const { key, repositoryName, destination } = this.images.add(image, places);
    places.allowDestination(repositoryName, parties);
    const row = this.addRow(this.rowId(key, repositoryName), {
      source: key,
      destinations: image.repositoryName === undefined ? [] : [`${places.registry}/${repositoryName}`],
      tags: image.tags?._selection(),
      platforms: image.platforms,
      compare: image.compare,
      ...policiesOf(image),
      requireSignature: image.requireSignature?._requirement(),
      staleAfter: image.staleAfter,
    });
    row.node.addDependency(destination);
    this.arrival?.after(row);
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
      throw new PropsInvalid(`addMirror: got no destinations for ${show(source)}; one or more would do, or addImage`);
    }
    checkAllowed(mirror, this.parts.places.permissions);
    this.addRow(`Mirror ${id}`, {
      source,
      destinations,
      tags: mirror.tags?._selection(),
      platforms: mirror.platforms,
      compare: mirror.compare,
      ...policiesOf(mirror),
      requireSignature: mirror.requireSignature?._requirement(),
      staleAfter: mirror.staleAfter,
    });
  }

  /** Lets the mirror use one more credential. */
  public addCredentials(credentials: RegistryCredentials): void {
    const { parties, worker } = this.parts;
    this.parts.credentials.push(credentials);
    credentials._grantRead(parties.controller);
    credentials._grantRead(parties.worker);
    if (credentials.secret !== undefined) worker.reach('Secrets');
  }

  /**
   * Lets somebody pull mirrored images: from the repositories of images declared here, also those added later, and, where the
   * grantee has a policy of its own, from whatever else lies under the prefix.
   */
  public grantPull(grantee: IGrantable): Grant {
    const underPrefix = Grant.addToPrincipal({
      grantee,
      actions: PULL_ACTIONS,
      resourceArns: this.parts.places.ownPatterns().flatMap((pattern) => ecrRepositoryArns(this, pattern)),
    });
    if (!underPrefix.success || isForeign(this, grantee)) {
      this.strangers.push(grantee.grantPrincipal);
      this.parts.creation?.letPull(grantee.grantPrincipal, this.parts.parties.worker);
    }
    Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
    return this.parts.repositories.grantPull(grantee).reduce((all, one) => all.combine(one), underPrefix);
  }

  /**
   * Lets somebody manage the mirror, also by the command line: edit the table of mirrors, read the table of copies and what rows
   * may ask for, invoke the controller, find all of these by the stack's outputs. What rows may ask for remains what the construct
   * allows.
   */
  public grantManage(grantee: IGrantable): Grant {
    const { tables, settings } = this.parts;
    return grantPeople(tables, grantee)
      .combine(this.controller.grantInvoke(grantee))
      .combine(settings.grantRead(grantee))
      .combine(grantOutputs(this, grantee));
  }

  /** Destinations that a run looked at, on each run. */
  public metricChecked(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.CHECKED, props);
  }

  /** Destinations that were brought up to date. */
  public metricCopied(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.COPIED, props);
  }

  /** Destinations, images and rows that could not be, at each try. */
  public metricFailed(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.FAILED, props);
  }

  /** Immutable tags that hold another image than their source. */
  public metricConflicts(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.CONFLICTS, props);
  }

  /** Images that were refused for want of a signature. */
  public metricQuarantined(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.QUARANTINED, props);
  }

  /** Bytes sent to destinations. */
  public metricBytes(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.BYTES, props);
  }

  /** Seconds since the mirror that has waited longest was last what its source is; 0 when all are. */
  public metricOldestSuccess(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.OLDEST_SUCCESS, props);
  }

  /** Copies that have not been what their source is for longer than `staleAfter` of their image. */
  public metricOverdue(props?: MetricOptions): Metric {
    return mirrorMetric(this.watched, MetricName.OVERDUE, props);
  }

  /** Charts what the mirror does and what stands in its way. A dashboard costs a few dollars a month beyond the first three. */
  public addDashboard(props: MirrorDashboardProps = {}): Dashboard {
    return makeDashboard(this, 'Dashboard', this.watched, props);
  }

  /**
   * Tells a topic when copies fail, the controller fails or is not called any more, events could not be handled and jobs cannot
   * start; with `metrics` also when mirrors are stale or overdue, in conflict or in quarantine.
   *
   * @returns the alarms, for further actions.
   */
  public addAlarms(topic: ITopic, props: MirrorAlarmsProps = {}): Alarm[] {
    if (props.staleAfter !== undefined && this.watched.deployment === undefined) {
      throw new PropsInvalid('staleAfter: got it without metrics; metrics: true in the mirror would do');
    }
    return makeAlarms(new Construct(this, 'Alarms'), this.watched, topic, props);
  }

  /** Of a source that is known at deployment only: by its repository, in which there may be several. */
  private rowId(key: string, repositoryName: string): string {
    if (!Token.isUnresolved(key)) return `Row ${key}`;
    const id = `Row ${repositoryName}`;
    const ids = [id, ...this.images.keys.map((_, index) => `${id} ${index + 1}`)];
    return ids.find((one) => this.node.tryFindChild(one) === undefined) ?? id;
  }

  private addRow(id: string, row: Omit<DeclaredRowProps, 'table' | 'policy' | 'logGroup'>): DeclaredRow {
    const logGroup = deploymentLogs(this, this.parts.kept);
    const declared = new DeclaredRow(this, id, { ...row, table: this.mirrors, policy: this.rowPolicy, logGroup });
    // The first event of a row may start a job at once: what it needs is to be there.
    declared.node.addDependency(this.parts.worker.role, ...this.beforeRows);
    return declared;
  }

  private awaitImages({ waitForImages }: EcrMirrorProps): Arrival | undefined {
    if (waitForImages === undefined) return undefined;
    return new Arrival(this, 'Arrival', {
      controller: this.parts.controller,
      sources: () => this.images.keys,
      timeout: waitForImages,
      logGroup: deploymentLogs(this, this.parts.kept),
    });
  }
}
