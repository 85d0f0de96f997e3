import {
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface NetworkProps {
  /** Where the functions get their network interfaces. */
  vpc: IVpc;
  /**
   * Private subnets, each with a route to Qure's address (a NAT gateway, a transit gateway, a firewall).
   * @default the private subnets of the VPC
   */
  subnets?: SubnetSelection;
  /**
   * At least one. They must allow HTTPS to Qure and to the services below.
   * @default a new one without ingress, and with egress to HTTPS (TCP 443) only
   */
  securityGroups?: ISecurityGroup[];
  /**
   * Make the endpoints over which the functions reach AWS without leaving the VPC: S3 and DynamoDB (gateways, free of
   * charge), SQS, Secrets Manager, Systems Manager, EventBridge and, with `tracing`, X-Ray, with `phi: 'show'`, KMS (interfaces). A VPC accepts
   * only one of each, with its private DNS name.
   * @default false: the VPC has endpoints already, or a route to the internet
   */
  createsEndpoints?: boolean;
}

interface FunctionNetworkProps extends NetworkProps {
  tracing: boolean;
  /** With `phi: 'show'`: otherwise the services that hold the data call it. */
  callsKms: boolean;
}

/** The subnets and the security group of the functions in a VPC. */
export class FunctionNetwork extends Construct {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroups: ISecurityGroup[];

  constructor(scope: Construct, id: string, props: FunctionNetworkProps) {
    super(scope, id);
    this.vpc = props.vpc;
    this.vpcSubnets = props.subnets ?? {};
    this.securityGroups = props.securityGroups ?? [this.newSecurityGroup()];
    if (props.createsEndpoints === true) this.addEndpoints(props);
  }

  private newSecurityGroup(): SecurityGroup {
    const group = new SecurityGroup(this, 'Functions', {
      vpc: this.vpc,
      description: 'qure-dropoff: functions, egress to HTTPS, no ingress',
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'Qure and AWS');
    return group;
  }

  /** Without endpoint policies: Qure's assets are in buckets of other accounts, and the roles restrict the calls already. */
  private addEndpoints({ tracing, callsKms }: FunctionNetworkProps): void {
    const { vpc, vpcSubnets } = this;
    for (const [name, service] of Object.entries(GATEWAYS))
      new GatewayVpcEndpoint(this, name, { vpc, service, subnets: [vpcSubnets] });
    const interfaces = {
      ...INTERFACES,
      ...(tracing && { XRay: InterfaceVpcEndpointAwsService.XRAY }),
      ...(callsKms && { Kms: InterfaceVpcEndpointAwsService.KMS }),
    };
    for (const [name, service] of Object.entries(interfaces)) {
      const endpoint = new InterfaceVpcEndpoint(this, name, {
        vpc,
        service,
        subnets: vpcSubnets,
        open: false,
      });
      for (const group of this.securityGroups) endpoint.connections.allowDefaultPortFrom(group, 'Functions');
    }
  }
}

const GATEWAYS = {
  S3: GatewayVpcEndpointAwsService.S3,
  DynamoDb: GatewayVpcEndpointAwsService.DYNAMODB,
};

/** Logs are not among them: Lambda writes them from outside. */
const INTERFACES = {
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Ssm: InterfaceVpcEndpointAwsService.SSM,
  EventBridge: InterfaceVpcEndpointAwsService.EVENTBRIDGE,
};
