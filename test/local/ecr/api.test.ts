import { AwsError } from '../../../local/aws/error';
import { ecrApi, ecrPushEvent } from '../../../local/ecr';
import { image, multiPlatform, nestedIndex, sbomReferrer, signatureReferrer } from '../../../local/images';
import type { EcrOptions } from '../../../local/registry';
import { ask, handClock, registries } from '../registry/client';

const start = registries();
const one = image({ seed: 'one' });
const digest = one.root.descriptor.digest;
const nowhere = `sha256:${'0'.repeat(64)}`;

async function open(options: Partial<EcrOptions> = {}) {
  const clock = handClock();
  const registry = await start({ personality: { kind: 'ecr', repositories: ['app'], ...options }, clock });
  const api = ecrApi(registry);
  // biome-ignore lint/suspicious/noExplicitAny: answers are JSON
  const call = (operation: string, input: Record<string, unknown> = {}): any =>
    JSON.parse(JSON.stringify(api(operation, input)));
  const app = (operation: string, input: Record<string, unknown> = {}) =>
    call(operation, { repositoryName: 'app', ...input });
  const refusal = (operation: string, input: Record<string, unknown> = {}) => {
    try {
      call(operation, { repositoryName: 'app', ...input });
    } catch (error) {
      if (error instanceof AwsError) return error;
      throw error;
    }
    throw new Error(`${operation} was not refused`);
  };
  return { registry, clock, call, app, refusal };
}

const keyed = (encryptionType: string, kmsKey: string) => ({ encryptionType, kmsKey });

/** A lifecycle policy with a rule for each of these days. */
const untaggedAfter = (...days: number[]) =>
  JSON.stringify({
    rules: days.map((countNumber, index) => ({
      rulePriority: index + 1,
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber },
      action: { type: 'expire' },
    })),
  });

describe('repositories', () => {
  it('are made with their settings, described, and deleted', async () => {
    const { call, clock } = await open();
    const made = call('CreateRepository', {
      repositoryName: 'new/app',
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest*' }],
      imageScanningConfiguration: { scanOnPush: true },
      tags: [{ Key: 'team', Value: 'a' }],
    }).repository;
    expect(made).toEqual({
      registryId: '123456789012',
      repositoryName: 'new/app',
      repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/new/app',
      repositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/new/app',
      createdAt: clock.now() / 1000,
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest*' }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'AES256' },
    });
    expect(call('DescribeRepositories', { repositoryNames: ['new/app'] }).repositories).toEqual([made]);
    expect(call('ListTagsForResource', { resourceArn: made.repositoryArn }).tags).toEqual([
      { Key: 'team', Value: 'a' },
    ]);
    call('TagResource', { resourceArn: made.repositoryArn, tags: [{ Key: 'team', Value: 'b' }] });
    expect(call('ListTagsForResource', { resourceArn: made.repositoryArn }).tags).toEqual([
      { Key: 'team', Value: 'b' },
    ]);
    call('DeleteRepository', { repositoryName: 'new/app' });
    expect(call('DescribeRepositories').repositories).toHaveLength(1);
  });

  it('are listed in pages', async () => {
    const { call } = await open({ repositories: ['app', 'b', 'c'].map((name) => `team/${name}`) });
    const first = call('DescribeRepositories', { maxResults: 2 });
    expect(first.repositories).toHaveLength(2);
    const second = call('DescribeRepositories', { maxResults: 2, nextToken: first.nextToken });
    expect([second.repositories.length, second.nextToken]).toEqual([1, undefined]);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['RepositoryAlreadyExistsException', 'CreateRepository', {}],
    ['ValidationException', 'CreateRepository', { repositoryName: 'UPPER' }],
    ['ValidationException', 'CreateRepository', { repositoryName: 'a' }],
    ['ValidationException', 'CreateRepository', { repositoryName: undefined }],
    ['ValidationException', 'CreateRepository', { repositoryName: 'b2', imageTagMutability: 'SOMETIMES' }],
    [
      'InvalidParameterException',
      'CreateRepository',
      { repositoryName: 'b2', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' },
    ],
    [
      'TooManyTagsException',
      'CreateRepository',
      { repositoryName: 'b2', tags: Array.from({ length: 51 }, (_, at) => ({ Key: `${at}`, Value: '' })) },
    ],
    [
      'KmsException',
      'CreateRepository',
      { repositoryName: 'b2', encryptionConfiguration: keyed('KMS', 'arn:aws:kms:eu-west-1:123456789012:key/a') },
    ],
    [
      'InvalidParameterException',
      'CreateRepository',
      { repositoryName: 'b2', encryptionConfiguration: keyed('AES256', 'a') },
    ],
    ['RepositoryNotFoundException', 'DescribeRepositories', { repositoryNames: ['app', 'other'] }],
    ['RepositoryNotFoundException', 'DeleteRepository', { repositoryName: 'other' }],
    ['RepositoryNotFoundException', 'DescribeImages', { registryId: '210987654321' }],
    ['ValidationException', 'PutImageTagMutability', {}],
    ['ValidationException', 'DescribeRepositories', { maxResults: 1001 }],
    ['LifecyclePolicyNotFoundException', 'GetLifecyclePolicy', {}],
    ['InvalidParameterException', 'PutLifecyclePolicy', { lifecyclePolicyText: '{"rules":[{}]}' }],
    ['InvalidParameterException', 'PutLifecyclePolicy', { lifecyclePolicyText: untaggedAfter(7, 14) }],
    [
      'RepositoryNotFoundException',
      'PutLifecyclePolicy',
      { repositoryName: 'b2', lifecyclePolicyText: untaggedAfter(7) },
    ],
    ['RepositoryNotFoundException', 'SetRepositoryPolicy', { repositoryName: 'b2', policyText: '{"Statement":[]}' }],
    ['RepositoryPolicyNotFoundException', 'GetRepositoryPolicy', {}],
    ['InvalidParameterException', 'SetRepositoryPolicy', { policyText: 'x' }],
    ['RepositoryNotFoundException', 'TagResource', { resourceArn: 'arn:aws:ecr:us-east-1:123456789012:repository/x' }],
    ['UnknownOperationException', 'constructor', {}],
  ])('answer %s to a bad %s', async (code, operation, input) => {
    const { refusal } = await open();
    expect(refusal(operation, input)).toMatchObject({ code, status: 400 });
  });

  it('are not deleted with images in them, unless forced', async () => {
    const { registry, app, refusal } = await open();
    registry.state.place('app', one);
    expect(refusal('DeleteRepository').code).toBe('RepositoryNotEmptyException');
    app('DeleteRepository', { force: true });
    expect(registry.state.repositories.size).toBe(0);
  });

  it('keep lifecycle and repository policies, and mutability that pushes then meet', async () => {
    const { registry, app } = await open();
    const lifecyclePolicyText = untaggedAfter(14);
    app('PutLifecyclePolicy', { lifecyclePolicyText });
    expect(app('GetLifecyclePolicy').lifecyclePolicyText).toBe(lifecyclePolicyText);
    app('SetRepositoryPolicy', { policyText: '{"Version":"2012-10-17","Statement":[]}' });
    expect(app('GetRepositoryPolicy').policyText).toContain('Statement');
    registry.state.place('app', one, 'v1');
    app('PutImageTagMutability', { imageTagMutability: 'IMMUTABLE' });
    const headers = { 'content-type': one.root.descriptor.mediaType };
    const put = await ask(registry, '/v2/app/manifests/v1', { method: 'PUT', body: one.root.bytes, headers });
    expect(put.code).toBe('TAG_INVALID');
  });
});

describe('images', () => {
  it('are listed by tag and without, in pages of at most 1000', async () => {
    const { registry, app, refusal } = await open();
    registry.state.place('app', multiPlatform({ seed: 'both' }), ...Array.from({ length: 1200 }, (_, at) => `v${at}`));
    const first = app('ListImages', { maxResults: 1000 });
    expect(first.imageIds).toHaveLength(1000);
    expect(app('ListImages', { maxResults: 1000, nextToken: first.nextToken }).imageIds).toHaveLength(202);
    expect(app('ListImages').imageIds).toHaveLength(100);
    expect(app('ListImages', { filter: { tagStatus: 'UNTAGGED' } }).imageIds).toHaveLength(2);
    expect(refusal('ListImages', { maxResults: 1001 }).code).toBe('ValidationException');
    expect(refusal('ListImages', { filter: { tagStatus: 'x' } }).code).toBe('ValidationException');
  });

  it('are described by id, one that is missing failing the whole call', async () => {
    const { registry, app, refusal, clock } = await open();
    registry.state.place('app', one, 'v1', 'v2');
    const { imageDetails } = app('DescribeImages', { imageIds: [{ imageTag: 'v1' }, { imageDigest: digest }] });
    expect(imageDetails).toEqual([
      {
        registryId: '123456789012',
        repositoryName: 'app',
        imageDigest: digest,
        imageTags: ['v1', 'v2'],
        imageSizeInBytes: one.blobs.reduce((sum, blob) => sum + blob.descriptor.size, 0),
        imagePushedAt: clock.now() / 1000,
        imageManifestMediaType: one.root.descriptor.mediaType,
        artifactMediaType: 'application/vnd.oci.image.config.v1+json',
        imageStatus: 'ACTIVE',
      },
    ]);
    const missing = refusal('DescribeImages', { imageIds: [{ imageTag: 'v1' }, { imageTag: 'gone' }] });
    expect(missing.code).toBe('ImageNotFoundException');
    expect(missing.message).toContain("imageTag:'gone'");
    const many = Array.from({ length: 101 }, () => ({ imageTag: 'v1' }));
    expect(refusal('DescribeImages', { imageIds: many }).code).toBe('ValidationException');
    expect(refusal('DescribeImages', { imageIds: [{}] }).code).toBe('InvalidParameterException');
    expect(refusal('DescribeImages', { imageIds: [{ imageTag: 'v1' }], maxResults: 5 }).code).toBe(
      'InvalidParameterException',
    );
  });

  it('tell the size of an index as its greatest image', async () => {
    const { registry, app } = await open();
    registry.state.place('app', nestedIndex({ seed: 'nested' }), 'v1');
    const sizes = app('DescribeImages').imageDetails.map((one: { imageSizeInBytes: number }) => one.imageSizeInBytes);
    expect(app('DescribeImages', { imageIds: [{ imageTag: 'v1' }] }).imageDetails[0].imageSizeInBytes).toBe(
      Math.max(...sizes),
    );
  });

  it('are got in batches of 100, each missing one a failure of its own', async () => {
    const { registry, app, refusal } = await open();
    registry.state.place('app', one, 'v1');
    const imageIds = [{ imageTag: 'v1' }, { imageTag: 'gone' }, { imageDigest: nowhere, imageTag: 'v1' }];
    const got = app('BatchGetImage', { imageIds });
    expect(got.images).toHaveLength(1);
    expect(got.images[0]).toMatchObject({
      imageId: { imageDigest: digest, imageTag: 'v1' },
      imageManifest: Buffer.from(one.root.bytes).toString(),
      imageManifestMediaType: one.root.descriptor.mediaType,
    });
    expect(got.failures).toEqual([
      { imageId: { imageTag: 'gone' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
      expect.objectContaining({ failureCode: 'ImageNotFound' }),
    ]);
    const many = Array.from({ length: 101 }, () => ({ imageTag: 'v1' }));
    expect(refusal('BatchGetImage', { imageIds: many }).code).toBe('ValidationException');
    expect(refusal('BatchGetImage', {}).code).toBe('ValidationException');
  });

  it('disappear from listings and pulls when archived, until they are restored', async () => {
    const { registry, app, refusal } = await open();
    registry.state.place('app', one, 'v1');
    const imageIds = [{ imageTag: 'v1' }];
    const update = (targetStorageClass: string) => ({ imageId: { imageTag: 'v1' }, targetStorageClass });
    expect(app('UpdateImageStorageClass', update('ARCHIVE')).imageStatus).toBe('ARCHIVED');
    expect(app('ListImages').imageIds).toEqual([]);
    expect(app('ListImages', { filter: { imageStatus: 'ARCHIVED' } }).imageIds).toHaveLength(1);
    expect(refusal('DescribeImages', { imageIds }).code).toBe('ImageNotFoundException');
    expect(app('DescribeImages', { imageIds, filter: { imageStatus: 'ANY' } }).imageDetails[0].imageStatus).toBe(
      'ARCHIVED',
    );
    expect(app('BatchGetImage', { imageIds }).failures[0].failureCode).toBe('ImageInaccessible');
    expect((await ask(registry, '/v2/app/manifests/v1')).status).toBe(404);
    expect(refusal('UpdateImageStorageClass', update('ARCHIVE')).code).toBe(
      'ImageStorageClassUpdateNotSupportedException',
    );
    app('UpdateImageStorageClass', update('STANDARD'));
    expect((await ask(registry, '/v2/app/manifests/v1')).status).toBe(200);
  });

  it('are deleted by tag until the last, and not while an index holds them', async () => {
    const { registry, app } = await open();
    const both = multiPlatform({ seed: 'both' });
    const child = both.manifests[0]?.descriptor.digest;
    registry.state.place('app', one, 'v1', 'v2');
    registry.state.place('app', both, 'multi');
    const remove = (...imageIds: object[]) => app('BatchDeleteImage', { imageIds });
    const manifests = registry.state.repositories.get('app')?.manifests;
    expect(remove({ imageTag: 'v1' }).imageIds).toEqual([{ imageDigest: digest, imageTag: 'v1' }]);
    expect(manifests?.has(digest)).toBe(true);
    remove({ imageTag: 'v2' });
    expect(manifests?.has(digest)).toBe(false);
    expect(remove({ imageDigest: child }).failures[0].failureCode).toBe('ImageReferencedByManifestList');
    remove({ imageTag: 'multi' });
    expect(remove({ imageDigest: child }).failures).toEqual([]);
    expect(remove({ imageTag: 'gone' }).failures[0].failureCode).toBe('ImageNotFound');
    registry.state.place('app', one, 'v1', 'v2');
    expect(remove({ imageTag: 'v1', imageDigest: child }).failures[0].failureCode).toBe('ImageTagDoesNotMatchDigest');
    expect(remove({ imageTag: 'v1', imageDigest: digest }).failures).toEqual([]);
    expect(manifests?.has(digest)).toBe(false);
  });

  it('have referrers, filtered by type and paged by 50', async () => {
    const { registry, app, refusal } = await open();
    registry.state.place('app', one, 'v1');
    registry.state.place('app', signatureReferrer(one.root.descriptor));
    registry.state.place('app', sbomReferrer(one.root.descriptor));
    const subjectId = { imageDigest: digest };
    expect(app('ListImageReferrers', { subjectId }).referrers).toHaveLength(2);
    const filter = { artifactTypes: ['application/spdx+json'] };
    expect(app('ListImageReferrers', { subjectId, filter }).referrers).toEqual([
      expect.objectContaining({ artifactType: 'application/spdx+json', artifactStatus: 'ACTIVE' }),
    ]);
    expect(refusal('ListImageReferrers', { subjectId, maxResults: 51 }).code).toBe('ValidationException');
    expect(refusal('ListImageReferrers', {}).code).toBe('ValidationException');
  });
});

describe('the account', () => {
  it('gives a token that its registry takes', async () => {
    const { registry, call, clock } = await open();
    const [data] = call('GetAuthorizationToken').authorizationData;
    expect(data.expiresAt).toBe(clock.now() / 1000 + 12 * 3600);
    expect(data.proxyEndpoint).toBe('https://123456789012.dkr.ecr.us-east-1.amazonaws.com');
    const headers = { authorization: `Basic ${data.authorizationToken}` };
    expect((await ask(registry, '/v2/', { headers })).status).toBe(200);
    expect(Buffer.from(data.authorizationToken, 'base64').toString()).toMatch(/^AWS:/);
  });

  it('turns blob mounting on and off, and knows no other setting', async () => {
    const { registry, call, refusal } = await open();
    expect(call('GetAccountSetting', { name: 'BLOB_MOUNTING' }).value).toBe('DISABLED');
    call('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'ENABLED' });
    expect(registry.ecr?.blobMounting).toBe(true);
    expect(refusal('PutAccountSetting', { name: 'OTHER', value: 'ENABLED' }).code).toBe('ValidationException');
    expect(refusal('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'x' }).code).toBe('InvalidParameterException');
  });

  it('keeps creation templates, by which pushes then make repositories', async () => {
    const { registry, call, refusal } = await open();
    const template = { prefix: 'mirror/', appliedFor: ['CREATE_ON_PUSH'], imageTagMutability: 'IMMUTABLE' };
    expect(call('CreateRepositoryCreationTemplate', template).repositoryCreationTemplate.prefix).toBe('mirror');
    expect(refusal('CreateRepositoryCreationTemplate', template).code).toBe('TemplateAlreadyExistsException');
    const tagged = { ...template, prefix: 'x', resourceTags: [{ Key: 'a', Value: 'b' }] };
    expect(refusal('CreateRepositoryCreationTemplate', tagged).code).toBe('InvalidParameterException');
    expect(refusal('CreateRepositoryCreationTemplate', { prefix: 'x' }).code).toBe('ValidationException');
    expect(call('DescribeRepositoryCreationTemplates').repositoryCreationTemplates).toHaveLength(1);
    await ask(registry, '/v2/mirror/app/blobs/uploads/', { method: 'POST' });
    const [made] = call('DescribeRepositories', { repositoryNames: ['mirror/app'] }).repositories;
    expect(made.imageTagMutability).toBe('IMMUTABLE');
    call('DeleteRepositoryCreationTemplate', { prefix: 'mirror' });
    expect(refusal('DeleteRepositoryCreationTemplate', { prefix: 'mirror' }).code).toBe('TemplateNotFoundException');
  });

  it('is throttled with ThrottlingException', async () => {
    const { call, refusal } = await open({ quotas: 1 / 500 });
    call('GetAuthorizationToken');
    expect(refusal('GetAuthorizationToken')).toMatchObject({ code: 'ThrottlingException', status: 400 });
  });

  it('needs a registry with the personality of Amazon ECR', async () => {
    const registry = await start();
    expect(() => ecrApi(registry)).toThrow("a registry with the personality 'ecr' would do");
  });
});

it('a push is reported as EventBridge has it', () => {
  const push = { repository: 'app', digest, tag: '', mediaType: one.root.descriptor.mediaType, time: 0 };
  expect(ecrPushEvent({ account: '123456789012', region: 'us-east-1' }, push)).toMatchObject({
    'detail-type': 'ECR Image Action',
    source: 'aws.ecr',
    time: '1970-01-01T00:00:00Z',
    detail: { 'action-type': 'PUSH', 'image-tag': '', 'image-digest': digest, 'repository-name': 'app' },
  });
});
