import { describe, expect, it } from 'vitest';
import { deploy } from './deployments.ts';
import { listOf, type Statement, type SynthesizedTemplate, statementsOf } from './synthesized-template.ts';

/** Source: AWS Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC". */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** Of each role; the CDK joins what has the same resources, so other actions are left out here. */
function aboutInterfaces(template: SynthesizedTemplate): Statement[][] {
  return template
    .ofType('AWS::IAM::Role')
    .flatMap(([, { Properties }]) => Properties.Policies as { PolicyDocument: unknown }[])
    .map(({ PolicyDocument }) =>
      statementsOf(PolicyDocument)
        .map((statement) => ({
          ...statement,
          Action: listOf(statement.Action).filter((action) => action.startsWith('ec2:')),
        }))
        .filter(({ Action }) => Action.length > 0),
    );
}

describe('functions in a VPC', () => {
  const template = deploy('a VPC').template();
  const functions = template.ofType('AWS::Lambda::Function');
  const [groupId, group] = template.one('AWS::EC2::SecurityGroup', 'DropoffNetwork');

  it('run in its private subnets, all of them', () => {
    expect(functions.length).toBeGreaterThan(0);
    for (const [, { Properties }] of functions) {
      expect(Properties.VpcConfig).toEqual({
        SubnetIds: ['subnet-1111', 'subnet-2222'],
        SecurityGroupIds: [{ 'Fn::GetAtt': [groupId, 'GroupId'] }],
      });
    }
  });

  it('accept no connection, and open only HTTPS connections', () => {
    expect(group.Properties.SecurityGroupEgress).toEqual([
      { CidrIp: '0.0.0.0/0', Description: 'Qure and AWS', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' },
    ]);
    expect(group.Properties).not.toHaveProperty('SecurityGroupIngress');
    expect(template.ofType('AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });

  it('let Lambda create their network interfaces, and have no such permission themselves', () => {
    for (const statements of aboutInterfaces(template)) {
      expect(statements).toEqual([
        { Effect: 'Allow', Action: INTERFACE_ACTIONS, Resource: '*' },
        {
          Effect: 'Deny',
          Action: INTERFACE_ACTIONS,
          Resource: '*',
          Condition: { ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } },
        },
      ]);
      const conditions = JSON.stringify(statements[1]?.Condition);
      expect(conditions).toMatch(/:lambda:.*AWS::Region.*AWS::AccountId.*:function:\*/);
    }
  });

  it('create no endpoints by default', () => {
    expect(template.ofType('AWS::EC2::VPCEndpoint')).toEqual([]);
  });
});

describe('functions outside of any VPC', () => {
  const template = deploy('default').template();

  it('have no permission for network interfaces', () => {
    expect(aboutInterfaces(template).flat()).toEqual([]);
  });

  it('have no network', () => {
    for (const [, { Properties }] of template.ofType('AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('VpcConfig');
    expect(template.ofType('AWS::EC2::SecurityGroup')).toEqual([]);
  });
});

describe('endpoints that are asked for', () => {
  const template = deploy('a VPC with endpoints').template();
  const endpoints = template.ofType('AWS::EC2::VPCEndpoint').map(([, { Properties }]) => ({
    service: /\.([a-z0-9]+)"\]\]\}$/.exec(JSON.stringify(Properties.ServiceName))?.[1],
    ...(Properties as { VpcEndpointType: string; RouteTableIds?: string[]; PrivateDnsEnabled?: boolean }),
  }));

  it.each([
    { service: 's3', type: 'Gateway' },
    { service: 'dynamodb', type: 'Gateway' },
    { service: 'sqs', type: 'Interface' },
    { service: 'secretsmanager', type: 'Interface' },
    { service: 'ssm', type: 'Interface' },
    { service: 'events', type: 'Interface' },
    { service: 'xray', type: 'Interface' },
  ])('reach $service by a $type', ({ service, type }) => {
    const endpoint = endpoints.find((one) => one.service === service);
    expect(endpoint).toMatchObject(
      type === 'Gateway'
        ? { VpcEndpointType: type, RouteTableIds: ['rtb-1111', 'rtb-2222'] }
        : { VpcEndpointType: type, PrivateDnsEnabled: true },
    );
  });

  it('are exactly these, each open to the functions only', () => {
    expect(endpoints).toHaveLength(7);
    const rules = template.ofType('AWS::EC2::SecurityGroupIngress');
    expect(rules).toHaveLength(5);
    for (const [, { Properties }] of rules)
      expect(Properties).toMatchObject({ SourceSecurityGroupId: 'sg-11111111', FromPort: 443, ToPort: 443 });
    for (const [, { Properties }] of template.ofType('AWS::EC2::SecurityGroup'))
      expect(Properties).not.toHaveProperty('SecurityGroupIngress');
  });

  it('leave the functions in the given security group', () => {
    for (const [, { Properties }] of template.ofType('AWS::Lambda::Function'))
      expect(Properties.VpcConfig).toMatchObject({ SecurityGroupIds: ['sg-11111111'] });
  });
});
