import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { only, synthesize } from './stack';

const ARRIVAL = 'Custom::MirroredImages';

it('waits for nothing unless it is asked to', () => {
  synthesize({ images: [{ source: 'nginx' }] })
    .template()
    .resourceCountIs(ARRIVAL, 0);
});

describe('a deployment that waits', () => {
  const synthesized = synthesize({ images: [{ source: 'nginx' }], waitForImages: Duration.minutes(20) });
  synthesized.mirror.addImage({ source: 'redis:8' });
  const template = synthesized.template();

  it('names every declared row, also those added later, and comes after them', () => {
    template.hasResource(ARRIVAL, {
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('^MirrorRowdockeriolibrarynginx'),
        Match.stringLikeRegexp('^MirrorRowdockeriolibraryredis'),
      ]),
      Properties: { Sources: ['docker.io/library/nginx', 'docker.io/library/redis:8'], ServiceTimeout: '1200' },
    });
  });

  it("asks functions of the controller's code, environment and role", () => {
    const controller = only(template, 'AWS::Lambda::Function', 'MirrorControllerHandler') as Record<string, unknown>;
    for (const handler of ['index.begin', 'index.arrived']) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Handler: handler,
        Code: controller.Code,
        Role: controller.Role,
        Environment: {
          Variables: Match.objectLike({
            ...(controller.Environment as { Variables: object }).Variables,
            CONTROLLER_FUNCTION: { Ref: Match.stringLikeRegexp('^MirrorControllerHandler') },
          }),
        },
      });
    }
  });
});

it('writes rows when what their first job needs is there', () => {
  synthesize({ images: [{ source: 'nginx' }] })
    .template()
    .hasResource('Custom::MirrorRow', {
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('^MirrorController\\w*RoleDefaultPolicy'),
        Match.stringLikeRegexp('^MirrorWorkerJobRoleDefaultPolicy'),
      ]),
    });
});

it.each([
  ['a second', Duration.seconds(1), 1],
  ['a day', Duration.days(1), 86400],
])('does not wait for %s', (_, waitForImages, seconds) => {
  expect(() => synthesize({ waitForImages })).toThrow(
    `waitForImages: got ${seconds} seconds; a minute to an hour would do`,
  );
});
