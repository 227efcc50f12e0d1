import { CustomResource, Duration, Lazy } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct, type IDependable } from 'constructs';
import type { Controller } from './controller';
import { PropsInvalid } from './props-invalid';

export interface ArrivalProps {
  readonly controller: Controller;
  /** Keys of the declared rows: asked when the template is made. */
  readonly sources: () => readonly string[];
  /** How long a deployment waits at most. */
  readonly timeout: Duration;
  readonly logGroup: ILogGroup;
}

/** Lets a deployment go on only when the images are there that it declares. */
export class Arrival extends Construct {
  private readonly resource: CustomResource;

  constructor(scope: Construct, id: string, { controller, sources, timeout, logGroup }: ArrivalProps) {
    super(scope, id);
    const provider = new Provider(this, 'Provider', {
      onEventHandler: controller.variant(this, 'Begin', 'index.begin'),
      isCompleteHandler: controller.variant(this, 'Arrived', 'index.arrived'),
      queryInterval: Duration.seconds(15),
      totalTimeout: checkTimeout(timeout),
      logGroup,
      disableWaiterStateMachineLogging: true,
    });
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::MirroredImages',
      serviceToken: provider.serviceToken,
      serviceTimeout: timeout,
      properties: { Sources: Lazy.list({ produce: () => [...sources()] }) },
    });
  }

  /** What has to be there before it begins to wait. */
  after(...needed: IDependable[]): void {
    this.resource.node.addDependency(...needed);
  }
}

/** CloudFormation waits for a custom resource an hour at most. */
function checkTimeout(timeout: Duration): Duration {
  const seconds = timeout.isUnresolved() ? undefined : timeout.toSeconds();
  if (seconds !== undefined && seconds >= 60 && seconds <= 3600) return timeout;
  const got = seconds === undefined ? 'a time that is known at deployment only' : `${seconds} seconds`;
  throw new PropsInvalid(`waitForImages: got ${got}; a minute to an hour would do`);
}
