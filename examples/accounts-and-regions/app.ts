/**
 * One mirror for several accounts and regions. Images land in the registry of the account `images`; production keeps copies of
 * its own, in two regions, so that it depends on nobody else's registry. It gives the mirror a role that can push under
 * `mirror/` and nowhere else; a first push makes the repositories there.
 *
 * `npx cdk deploy --all --app 'npx tsx examples/accounts-and-regions/app.ts'`
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, OrganizationPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
// In an app of your own: from 'cdk-ecr-mirror'.
import { EcrMirror, RepositoryCreation, RepositoryCreationTemplate, TemplateAppliedFor } from '../../lib/index';

const IMAGES = { account: '111122223333', region: 'eu-west-1' };
const PRODUCTION = '444455556666';
const REGIONS = ['eu-west-1', 'us-east-1'];
const ORGANIZATION = 'o-1234567890';
const ROLE = 'image-mirror';

export const app = new App();

// In production, once: the role that the mirror takes.
const access = new Stack(app, 'MirrorAccess', { env: { account: PRODUCTION, region: 'eu-west-1' } });
const role = new Role(access, 'Role', {
  roleName: ROLE,
  description: 'Lets the mirror of the account images push mirrored images',
  assumedBy: new AccountPrincipal(IMAGES.account).withConditions({
    StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION },
  }),
  maxSessionDuration: Duration.hours(1),
});
role.addToPolicy(new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }));
role.addToPolicy(
  new PolicyStatement({
    actions: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:CreateRepository',
      'ecr:DescribeImages',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:ListImages',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    resources: REGIONS.map((region) => `arn:aws:ecr:${region}:${PRODUCTION}:repository/mirror/*`),
  }),
);

// In production, in each region: how the repositories are kept that a first push makes.
for (const region of REGIONS) {
  const stack = new Stack(app, `MirrorRepositories-${region}`, { env: { account: PRODUCTION, region } });
  new RepositoryCreationTemplate(stack, 'OnPush', {
    prefix: 'mirror',
    appliedFor: [TemplateAppliedFor.CREATE_ON_PUSH],
  });
}

// In the account of the images: the mirror.
const stack = new Stack(app, 'Mirror', { env: IMAGES });
const places = [IMAGES, ...REGIONS.map((region) => ({ account: PRODUCTION, region }))].map(
  ({ account, region }) => `${account}.dkr.ecr.${region}.amazonaws.com`,
);
const mirror = new EcrMirror(stack, 'Mirror', {
  repositoryCreation: RepositoryCreation.ON_PUSH,
  // What rows may write: here under the prefix, and under the same one in production.
  allowedDestinations: places.map((registry) => `${registry}/mirror/**`),
  accountRoles: [{ account: PRODUCTION, roleArn: `arn:aws:iam::${PRODUCTION}:role/${ROLE}` }],
});
// Every account of the organisation may pull what is here.
mirror.grantPull(new OrganizationPrincipal(ORGANIZATION));

// Read once from Docker Hub, written to all three. Rows that people add can do the same.
mirror.addMirror('Nginx', {
  source: 'docker.io/library/nginx:1.27.3',
  destinations: places.map((registry) => `${registry}/mirror/docker-hub/library/nginx`),
});
