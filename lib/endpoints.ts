import {
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface Network {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
}

/** What a worker asks AWS for beside its tables and layers, whatever it mirrors. */
const SERVICES = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Parameters: InterfaceVpcEndpointAwsService.SSM,
};

/** What some mirrors ask for. */
export const OPTIONAL_SERVICES = {
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Tokens: InterfaceVpcEndpointAwsService.STS,
  Events: InterfaceVpcEndpointAwsService.EVENTBRIDGE,
};

/** Ways to AWS that do not leave the network: gateways for layers and tables, which are free, interfaces for the rest. */
export class Endpoints extends Construct {
  private readonly added = new Set<string>();

  constructor(
    scope: Construct,
    id: string,
    private readonly network: Network,
  ) {
    super(scope, id);
    for (const [name, service] of Object.entries(GATEWAYS)) {
      const subnets = [network.vpcSubnets ?? {}];
      new GatewayVpcEndpoint(this, name, { vpc: network.vpc, service, subnets });
    }
    for (const [name, service] of Object.entries(SERVICES)) this.add(name, service);
  }

  /** Nothing happens when it is there. */
  add(name: string, service: InterfaceVpcEndpointAwsService): void {
    if (this.added.has(name)) return;
    this.added.add(name);
    const { vpc, vpcSubnets } = this.network;
    new InterfaceVpcEndpoint(this, name, { vpc, service, subnets: { ...vpcSubnets, onePerAz: true } });
  }
}

const GATEWAYS = {
  Layers: GatewayVpcEndpointAwsService.S3,
  Tables: GatewayVpcEndpointAwsService.DYNAMODB,
};
