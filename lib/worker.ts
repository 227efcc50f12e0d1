import { Duration, type RemovalPolicy, type Size, SizeRoundingBehavior, Stack, Token } from 'aws-cdk-lib';
import {
  Action,
  EcsFargateContainerDefinition,
  EcsJobDefinition,
  FargateComputeEnvironment,
  JobQueue,
  Reason,
  RetryStrategy,
} from 'aws-cdk-lib/aws-batch';
import { type ISecurityGroup, type IVpc, type SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, CpuArchitecture, LogDriver } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { assetPath } from './asset';
import { Endpoints, type Network, OPTIONAL_SERVICES } from './endpoints';
import { fargateSize } from './fargate-size';
import { JobParameter, NO_VALUE, WORKER_COMMAND } from './model/names';
import { ExitCode } from './model/outcome';
import { PropsInvalid } from './props-invalid';

export interface WorkerProps {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly vpcEndpoints?: boolean;
  readonly spot: boolean;
  readonly architecture: CpuArchitecture;
  readonly cpu?: number;
  readonly memory?: Size;
  readonly storage?: Size;
  readonly maxvCpus?: number;
  readonly timeout?: Duration;
  readonly attempts?: number;
  readonly image?: ContainerImage;
  readonly environment: Record<string, string>;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** Who copies: an AWS Batch queue on Fargate, Spot before On-Demand, and the definition of a job. */
export class Worker extends Construct {
  readonly jobQueue: JobQueue;
  readonly jobDefinition: EcsJobDefinition;
  readonly role: Role;
  readonly logGroup: LogGroup;
  private readonly endpoints?: Endpoints;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    const size = fargateSize(props.cpu, props.memory);
    const attempts = checkAttempts(props.attempts ?? 3);
    const timeout = checkTimeout(props.timeout ?? Duration.hours(6));
    const network = this.network(props);
    if (props.vpcEndpoints === true) this.endpoints = new Endpoints(this, 'Endpoints', network);
    this.jobQueue = new JobQueue(this, 'Queue', {
      computeEnvironments: (props.spot ? [true, false] : [false]).map((spot, index) => ({
        order: index + 1,
        computeEnvironment: new FargateComputeEnvironment(this, spot ? 'Spot' : 'OnDemand', {
          vpc: network.vpc,
          vpcSubnets: network.vpcSubnets,
          securityGroups: props.securityGroups,
          maxvCpus: props.maxvCpus,
          spot,
        }),
      })),
    });
    this.role = new Role(this, 'JobRole', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      description: 'What the worker of the mirror may do',
    });
    this.logGroup = new LogGroup(this, 'Logs', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    const container = new EcsFargateContainerDefinition(this, 'Container', {
      image: props.image ?? bundledImage(props.architecture),
      cpu: size.vCpus,
      memory: size.memory,
      ephemeralStorageSize: checkStorage(props.storage),
      command: [...WORKER_COMMAND],
      environment: props.environment,
      jobRole: this.role,
      logging: LogDriver.awsLogs({ streamPrefix: 'worker', logGroup: this.logGroup }),
      readonlyRootFilesystem: true,
      user: '65532',
      assignPublicIp: network.assignPublicIp,
      fargateCpuArchitecture: props.architecture,
    });
    this.jobDefinition = new EcsJobDefinition(this, 'Job', {
      container,
      parameters: Object.fromEntries(Object.values(JobParameter).map((name) => [name, NO_VALUE])),
      retryAttempts: attempts,
      retryStrategies: RETRIES,
      timeout,
      propagateTags: true,
    });
  }

  /** Makes one more service reachable from private subnets, where that was asked for. */
  reach(service: keyof typeof OPTIONAL_SERVICES): void {
    this.endpoints?.add(service, OPTIONAL_SERVICES[service]);
  }

  /** Any revision: while a stack is updated, the one that the controller knows may be gone already. */
  grantSubmit(grantee: IGrantable): void {
    const { jobDefinitionName } = this.jobDefinition;
    const stack = Stack.of(this);
    const definitions = [jobDefinitionName, `${jobDefinitionName}:*`].map((resourceName) =>
      stack.formatArn({ service: 'batch', resource: 'job-definition', resourceName }),
    );
    Grant.addToPrincipal({
      grantee,
      actions: ['batch:SubmitJob'],
      resourceArns: [this.jobQueue.jobQueueArn, ...definitions],
    });
  }

  /** The user's network, or one of our own: public subnets without a NAT gateway, so nothing costs while idle. */
  private network(props: WorkerProps): Network & { readonly assignPublicIp: boolean } {
    const { vpc, vpcSubnets } = props;
    if (vpc === undefined) {
      const given = (['vpcSubnets', 'securityGroups', 'vpcEndpoints'] as const).find(
        (name) => props[name] !== undefined,
      );
      if (given !== undefined)
        throw new PropsInvalid(`${given}: got it without vpc; the vpc that it belongs to would do`);
      return { vpc: this.ownVpc(), vpcSubnets: { subnetType: SubnetType.PUBLIC }, assignPublicIp: true };
    }
    return { vpc, vpcSubnets, assignPublicIp: vpc.selectSubnets(vpcSubnets).hasPublic };
  }

  private ownVpc(): Vpc {
    return new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
    });
  }
}

/**
 * Batch takes five conditions at most and tries again where none is met. Spot first: an interrupted container may end in
 * any way. CDK's own reason for Spot is that of EC2.
 */
const RETRIES = [
  RetryStrategy.of(Action.RETRY, Reason.custom({ onStatusReason: 'Your Spot Task was interrupted*' })),
  RetryStrategy.of(Action.RETRY, Reason.CANNOT_PULL_CONTAINER),
  RetryStrategy.of(Action.RETRY, Reason.custom({ onExitCode: String(ExitCode.TRY_AGAIN) })),
  RetryStrategy.of(Action.EXIT, Reason.custom({ onExitCode: String(ExitCode.USAGE) })),
  RetryStrategy.of(Action.EXIT, Reason.custom({ onExitCode: String(ExitCode.DENIED) })),
];

/** Only fingerprinted at synthesis; built by whoever deploys. */
function bundledImage(architecture: CpuArchitecture): ContainerImage {
  const platform = architecture === CpuArchitecture.X86_64 ? Platform.LINUX_AMD64 : Platform.LINUX_ARM64;
  return ContainerImage.fromAsset(assetPath('worker', 'worker.js'), { platform });
}

function checkAttempts(attempts: number): number {
  if (Token.isUnresolved(attempts) || (Number.isInteger(attempts) && attempts >= 1 && attempts <= 10)) return attempts;
  throw new PropsInvalid(`attempts: got ${attempts}; 1 to 10 would do`);
}

function checkTimeout(timeout: Duration): Duration {
  if (timeout.isUnresolved()) return timeout;
  const seconds = timeout.toSeconds();
  if (seconds >= 60 && seconds <= Duration.days(14).toSeconds()) return timeout;
  throw new PropsInvalid(`timeout: got ${seconds} seconds; 60 seconds to 14 days would do`);
}

function checkStorage(storage: Size | undefined): Size | undefined {
  if (storage === undefined) return undefined;
  const would = '21 to 200 GiB would do';
  if (storage.isUnresolved()) throw new PropsInvalid(`storage: got a value that is known at deployment only; ${would}`);
  const gibibytes = storage.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  if (Number.isInteger(gibibytes) && gibibytes >= 21 && gibibytes <= 200) return storage;
  throw new PropsInvalid(`storage: got ${gibibytes} GiB; ${would}`);
}
