import type { Explanation } from './findings';

/** What the checks find in a mirror wherever it is, and why it is so. */
export const OF_A_MIRROR: readonly Explanation[] = [
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
    path: /^\w+\/Mirror\/(?:Controller\/Role|Worker\/JobRole|Worker\/Container\/ExecutionRole)\/DefaultPolicy\//,
    because:
      'tokens of Amazon ECR and ECR Public, actions which have no resource; test/iam holds that it is these alone',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:[^ ]*:ecr:[^ ]*:repository\/(?:mirror\/|released\/)?\*\]$/,
    path: /^\w+\/Mirror\/(?:Controller\/Role|Worker\/JobRole)\/DefaultPolicy\//,
    because:
      'rows are added after the deployment: patterns of repositories are what they may ask for, and writing ends at the prefix',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:[^ ]*:job-definition\/.*:\*\]$/,
    path: /^\w+\/Mirror\/Controller\/Role\/DefaultPolicy\//,
    because:
      'any revision of the one job definition: while a stack is updated, the one that was known may be gone already',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<MirrorControllerHandler[0-9A-F]+\.Arn>:\*\]$/,
    path: /^\w+\/SchedulerRoleForTarget-/,
    because: 'versions of the one function that a schedule invokes, which CDK grants with the function',
  },
];

/** Of a mirror that declares images, or changes a setting of the account. */
export const OF_SDK_CALLS: Explanation = {
  rule: /^AwsSolutions-IAM4\[Policy::.*AWSLambdaBasicExecutionRole\]$/,
  path: /^\w+\/AWS679f53fac002430cb0da5b7982bd2287\//,
  because: "CDK's own function for custom resources writes logs; it runs while a stack is deployed, and no more",
};

/** Of a mirror with a VPC of its own. */
export const OF_OWN_VPC: Explanation = {
  rule: /^AwsSolutions-VPC7$/,
  path: /^\w+\/Mirror\/Worker\/Vpc\//,
  because:
    'nothing listens in the VPC that is made where none is given, and flow logs cost; who wants them gives a VPC',
};

/** Of an app that makes the VPC it gives. */
export const OF_GIVEN_VPC: Explanation = {
  rule: /^AwsSolutions-VPC7$/,
  path: /^\w+\/Vpc\//,
  because: 'the VPC stands for one that is there, whose flow logs are for whoever looks after it',
};

/** Of `vpcEndpoints`, and of endpoints in the VPC of an app. */
export const OF_ENDPOINTS: Explanation = {
  rule: /^AwsSolutions-EC23$/,
  path: /^\w+\/(?:Mirror\/Worker\/Endpoints|Vpc)\/\w+\/SecurityGroup\//,
  because: 'open to the range of the VPC alone, which is known at deployment, so that the check cannot read it',
};

/** Of `waitForImages`. */
export const OF_WAITING: readonly Explanation[] = [
  {
    rule: /^AwsSolutions-IAM4\[Policy::.*AWSLambdaBasicExecutionRole\]$/,
    path: /^\w+\/Mirror\/Arrival\/Provider\/framework-/,
    because:
      "CDK's own functions of its provider framework write logs; they run while a stack is deployed, and no more",
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<MirrorArrival\w+\.Arn>:\*\]$/,
    path: /^\w+\/Mirror\/Arrival\/Provider\//,
    because: 'versions of the functions that ask whether images are there, which CDK grants with each function',
  },
  {
    rule: /^AwsSolutions-SF[12]$/,
    path: /^\w+\/Mirror\/Arrival\/Provider\/waiter-state-machine\//,
    because: 'it asks one function again and again while a stack is deployed; that function logs each answer',
  },
];

/** Of an account that lets a mirror in, and of nodes and others that pull. */
export const OF_TOKENS: Explanation = {
  rule: /^AwsSolutions-IAM5\[Resource::\*\]$/,
  path: /^(?:MirrorAccess\/Role|PullThroughCache\/Nodes|TokenRotation\/PullTokens\/Role|(?:ServiceOnMirroredImages|ServiceWithoutAWayOut)\/Task\/ExecutionRole)\/DefaultPolicy\//,
  because: 'tokens of Amazon ECR, an action which has no resource',
};

export const OF_PREFIXES: Explanation = {
  rule: /^AwsSolutions-IAM5\[Resource::arn:[^ ]*:ecr:[^ ]*:repository\/[\w-]+\/\*\]$/,
  path: /^(?:MirrorAccess\/Role|PullThroughCache\/Nodes|TokenRotation\/PullTokens\/Role)\/DefaultPolicy\//,
  because: 'repositories under a prefix are made as images come: what is granted is the prefix',
};
