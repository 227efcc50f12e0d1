import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Finding } from '../../../bin/doctor/finding';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/endpoint';
import { AwsError } from '../../../local/aws/error';
import { iamService } from '../../../local/aws/iam';
import { ECR_QUOTA_VALUES, type EcrQuotaValue, serviceQuotasService } from '../../../local/aws/service-quotas';
import { secretNamed } from '../../../local/canary';
import { ecrApi } from '../../../local/ecr';
import { image } from '../../../local/images';
import type { RunningRegistry } from '../../../local/registry';
import type { JsonMap } from '../../../local/template/value';
import { type Bench, openBench } from '../drive';

/** Causes in Amazon ECR and in an account, each broken, found and mended. */

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ROLE = 'arn:aws:iam::123456789012:role/ci';
const QUICK = ['--attempts', '1', '--timeout', '5s'];
const EVERYTHING: JsonMap = { Effect: 'Allow', Action: '*', Resource: '*' };

describe('doctor of a file that mirrors into Amazon ECR', () => {
  const before = { ...process.env };
  let bench: Bench;
  let aws: AwsEndpoint;
  let source: RunningRegistry;
  let ecr: RunningRegistry;
  let api: ReturnType<typeof ecrApi>;
  /** Policies of whoever asks; what is answered to whom, by service and operation. */
  let statements: readonly JsonMap[];
  let refused: readonly string[];
  /** An operation on a repository that fails. */
  let broken: string | undefined;
  let quotas: readonly EcrQuotaValue[];
  let arn: string;
  let account: string;
  let ahead: number;

  beforeEach(async () => {
    [statements, refused, quotas, ahead] = [[EVERYTHING], [], ECR_QUOTA_VALUES, 0];
    arn = 'arn:aws:sts::123456789012:assumed-role/ci/session';
    [account, broken] = ['123456789012', undefined];
    bench = openBench();
    source = await bench.registry();
    source.state.place('app', image({ seed: 'doctor of ECR' }), 'latest');
    const repositories = ['mirror/app', 'mirror/other'];
    ecr = await bench.registry({
      personality: { kind: 'ecr', account: '123456789012', region: 'eu-west-1', repositories, blobMounting: true },
    });
    api = ecrApi(ecr);
    const deny = (service: string, operation: string) => {
      if (refused.includes(`${service} ${operation}`) || refused.includes(service))
        throw new AwsError('AccessDeniedException', `not authorized to perform: ${service}:${operation}`, 403);
    };
    aws = await startAwsEndpoint({
      ecr: ({ operation, input, accessKeyId }) => {
        deny('ecr', operation);
        if (broken === `${operation} ${input.repositoryName}`) throw new AwsError('ServerException', 'not now', 500);
        return { output: api(operation, input, accessKeyId) as never };
      },
      iam: (call) => {
        deny('iam', call.operation);
        return iamService((principal) => (principal === ROLE ? statements : undefined))(call);
      },
      servicequotas: (call) => {
        deny('servicequotas', call.operation);
        return serviceQuotasService(quotas)(call);
      },
      sts: ({ operation }) => {
        deny('sts', operation);
        const headers = { date: new Date(Date.now() + ahead).toUTCString() };
        return { output: { Account: account, Arn: arn, UserId: 'local' }, headers };
      },
    });
    bench.env.REGISTRY_ENDPOINTS = JSON.stringify({
      [HOST]: ecr.address,
      [String(ecr.bucketHost)]: `http://${ecr.bucketHost}`,
    });
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIALOCALLOCALLOCALL',
      AWS_SECRET_ACCESS_KEY: secretNamed('key'),
      AWS_ENDPOINT_URL: aws.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    write({ source: `${source.host}/app:latest` });
  });

  afterEach(async () => {
    await aws.close();
    await bench.close();
    process.env = { ...before };
  });

  function write(row: object): void {
    bench.write('mirrors.yaml', JSON.stringify({ mirrors: [{ destination: `${HOST}/mirror/app`, ...row }] }));
  }
  async function findings(...flags: string[]): Promise<readonly Finding[]> {
    const plain = `--plain-http=${source.host}`;
    const { out } = await bench.run(['doctor', '-f', 'mirrors.yaml', '--json', plain, ...QUICK, ...flags]);
    return out.map((line) => JSON.parse(line)).filter(({ event }) => event === 'finding');
  }
  const wrong = async () => (await findings()).filter(({ verdict }) => verdict === 'error' || verdict === 'warning');
  const unknown = async (code: string) =>
    (await findings()).filter((finding) => finding.verdict === 'unknown' && finding.code === code);
  const well = async () => expect(await wrong()).toEqual([]);
  const settings = (name: string) => ecr.state.repositories.get(name)?.settings ?? {};

  it('finds nothing wrong where nothing is, and writes nothing', async () => {
    await well();
    const asked = new Set(aws.calls.map(({ service, operation }) => `${service} ${operation}`));
    expect([...asked].sort()).toEqual([
      'ecr DescribeRepositories',
      'ecr GetAccountSetting',
      'ecr GetAuthorizationToken',
      'ecr GetLifecyclePolicy',
      'ecr GetRepositoryPolicy',
      'ecr ListImages',
      'iam SimulatePrincipalPolicy',
      'servicequotas ListServiceQuotas',
      'sts GetCallerIdentity',
    ]);
    expect(ecr.requests.filter(({ status }) => status < 300 && status > 0).map(({ kind }) => kind)).not.toContain(
      'upload',
    );
    expect(ecr.uploads().size).toBe(0);
    expect(ecr.state.repositories.get('mirror/app')?.blobs.size).toBe(0);
  });

  it('keys that AWS does not take', async () => {
    refused = ['sts', 'ecr', 'iam', 'servicequotas'];
    const told = await findings();
    expect(told).toContainEqual(
      expect.objectContaining({
        code: 'DOCTOR-AWS',
        verdict: 'error',
        remedy: expect.stringContaining('aws sso login'),
      }),
    );
    expect(told).toContainEqual(expect.objectContaining({ code: 'DOCTOR-CREDENTIAL', verdict: 'error', place: HOST }));
    // Nothing hides what has nothing to do with it.
    expect(told).toContainEqual(expect.objectContaining({ code: 'DOCTOR-PULL', verdict: 'ok' }));
    refused = [];
    await well();
  });

  it('an AWS that does not answer, in the time that --timeout gives', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL_STS = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const told = await findings('--timeout=500ms').finally(() => silent.closeAllConnections());
    expect(told).toContainEqual(
      expect.objectContaining({
        code: 'DOCTOR-AWS',
        verdict: 'error',
        errorCode: 'AWS_UNAVAILABLE',
        remedy: expect.stringContaining('endpoint that leads to AWS STS'),
      }),
    );
    await new Promise((resolve) => silent.close(resolve));
  });

  it('the clock of this machine, as AWS has it', async () => {
    ahead = 360_000;
    expect(await wrong()).toEqual([expect.objectContaining({ code: 'DOCTOR-CLOCK', place: 'AWS' })]);
    ahead = 0;
    await well();
  });

  it('an action that no policy allows, and one that a policy denies', async () => {
    const mirror = 'arn:aws:ecr:eu-west-1:123456789012:repository/mirror/*';
    statements = [{ Effect: 'Allow', Action: ['ecr:Batch*', 'ecr:Get*', 'ecr:List*', 'ecr:*Layer*'], Resource: '*' }];
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-IAM',
        verdict: 'error',
        place: ROLE,
        saw: expect.stringMatching(/^you may not ecr:PutImage on .*mirror\/app: no policy allows it$/),
      }),
    ]);
    statements = [EVERYTHING, { Effect: 'Deny', Action: 'ecr:UploadLayerPart', Resource: mirror }];
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-IAM', saw: expect.stringContaining('ecr:UploadLayerPart') }),
    ]);
    statements = [EVERYTHING];
    await well();
  });

  it('what reading is denied, where IAM may not be asked; of the rest that it was not checked', async () => {
    refused = ['iam', 'ecr BatchCheckLayerAvailability'];
    const told = (await findings()).filter(({ code }) => code === 'DOCTOR-IAM');
    expect(told).toEqual([
      expect.objectContaining({
        verdict: 'error',
        place: `${HOST}/mirror/app`,
        saw: 'you may not ecr:BatchCheckLayerAvailability',
      }),
      expect.objectContaining({
        verdict: 'unknown',
        saw: expect.stringMatching(/^not checked: ecr:CompleteLayerUpload.*iam:SimulatePrincipalPolicy/),
      }),
    ]);
    refused = [];
    await well();
  });

  it('what reading is denied to a role that IAM does not know, as one of SSO', async () => {
    arn = 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/somebody';
    refused = ['ecr BatchGetImage'];
    expect((await findings()).filter(({ code }) => code === 'DOCTOR-IAM')).toEqual([
      expect.objectContaining({ verdict: 'error', saw: 'you may not ecr:BatchGetImage' }),
      expect.objectContaining({ verdict: 'unknown', saw: expect.stringContaining('NoSuchEntity') }),
    ]);
    refused = [];
    await well();
  });

  it('what was found before a repository could not be tried', async () => {
    const from = `${source.host}/app:latest`;
    const row = (name: string) => ({ source: name, from, destination: `${HOST}/mirror/${name}` });
    bench.write('mirrors.yaml', JSON.stringify({ mirrors: [row('app'), row('other')] }));
    [refused, broken] = [['iam', 'ecr BatchCheckLayerAvailability'], 'BatchGetImage mirror/other'];
    expect((await findings()).filter(({ code }) => code === 'DOCTOR-IAM')).toEqual([
      expect.objectContaining({ verdict: 'error', place: `${HOST}/mirror/app` }),
      expect.objectContaining({ verdict: 'unknown', place: HOST, saw: expect.stringContaining('not now') }),
      expect.objectContaining({ verdict: 'unknown', place: 'permissions' }),
    ]);
  });

  it('who is no user and no role, of whom IAM says nothing', async () => {
    arn = 'arn:aws:iam::123456789012:root';
    expect((await findings()).filter(({ code }) => code === 'DOCTOR-IAM')).toEqual([]);
    arn = 'arn:aws:iam::123456789012:role/somebody';
    expect(await unknown('DOCTOR-IAM')).toEqual([
      expect.objectContaining({ saw: expect.stringContaining('NoSuchEntity') }),
    ]);
  });

  it('a repository that is not there, unless a push creates it', async () => {
    write({ source: `${source.host}/app:latest`, destination: `${HOST}/absent/app` });
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-REPOSITORY',
        place: `${HOST}/absent/app`,
        remedy: expect.stringContaining('--create-repositories'),
      }),
    ]);
    api('CreateRepositoryCreationTemplate', { prefix: 'absent', appliedFor: ['CREATE_ON_PUSH'] });
    await well();
    expect((await findings()).filter(({ code, verdict }) => code === 'DOCTOR-REPOSITORY' && verdict === 'ok')).toEqual([
      expect.objectContaining({ saw: '1 is created by the first push' }),
    ]);
  });

  it('a repository that is not there, where it may not be asked what a push creates', async () => {
    write({ source: `${source.host}/app:latest`, destination: `${HOST}/absent/app` });
    refused = ['ecr DescribeRepositoryCreationTemplates'];
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-REPOSITORY',
        verdict: 'warning',
        saw: expect.stringMatching(
          /^is not there; whether a template creates it is not known: AccessDenied.*not authorized/,
        ),
      }),
    ]);
  });

  it('what only people of the registry’s own account are told, whoever else asks', async () => {
    write({ source: `${source.host}/app:latest`, destination: `${HOST}/absent/app` });
    [account, arn] = ['210987654321', 'arn:aws:iam::210987654321:root'];
    quotas = [{ code: 'L-CFEB8E8D', name: 'Registered repositories', value: 2 }];
    api('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'DISABLED' });
    const why = 'account 123456789012 tells that to its own people, and you are of 210987654321';
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-REPOSITORY',
        verdict: 'warning',
        saw: `is not there; whether a template creates it is not known: ${why}`,
      }),
    ]);
    for (const code of ['DOCTOR-MOUNTING', 'DOCTOR-QUOTA']) {
      expect(await unknown(code)).toEqual([expect.objectContaining({ place: HOST, saw: `not checked: ${why}` })]);
    }
    const asked = aws.calls.map(({ operation }) => operation);
    for (const one of ['GetAccountSetting', 'ListServiceQuotas', 'DescribeRepositoryCreationTemplates']) {
      expect(asked).not.toContain(one);
    }
  });

  it('a tag that moves, where it may not', async () => {
    Object.assign(settings('mirror/app'), { tagMutability: 'IMMUTABLE' });
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-TAGS', verdict: 'warning', saw: expect.stringContaining('latest') }),
    ]);
    write({ source: `${source.host}/app:latest`, onConflict: 'suffix' });
    await well();
    write({ source: `${source.host}/app:latest` });
    Object.assign(settings('mirror/app'), { tagMutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['late*'] });
    await well();
  });

  it('a lifecycle rule that deletes what a row mirrors', async () => {
    const rule = (selection: object) => {
      const rules = [{ rulePriority: 1, selection: { tagStatus: 'any', ...selection }, action: { type: 'expire' } }];
      api('PutLifecyclePolicy', { repositoryName: 'mirror/app', lifecyclePolicyText: JSON.stringify({ rules }) });
    };
    rule({ countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 });
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-LIFECYCLE', verdict: 'error', saw: expect.stringContaining('30 days') }),
    ]);
    rule({ countType: 'imageCountMoreThan', countNumber: 1 });
    await well();
    source.state.place('app', image({ seed: 'doctor of ECR, two' }), '1.0.0');
    write({ source: `${source.host}/app`, tags: { latest: 2 } });
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-LIFECYCLE',
        verdict: 'error',
        saw: expect.stringContaining('ask for 2'),
      }),
    ]);
    write({ source: `${source.host}/app`, tags: { semver: '>=1' } });
    expect(await wrong()).toEqual([expect.objectContaining({ code: 'DOCTOR-LIFECYCLE', verdict: 'warning' })]);
    rule({ countType: 'imageCountMoreThan', countNumber: 5 });
    write({ source: `${source.host}/app`, tags: { latest: 2 } });
    await well();
  });

  it('a repository’s policy that denies whoever copies', async () => {
    const policy = (statement: object) =>
      api('SetRepositoryPolicy', {
        repositoryName: 'mirror/app',
        policyText: JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'No', Effect: 'Deny', ...statement }] }),
      });
    policy({ Principal: '*', Action: 'ecr:PutImage' });
    expect(await wrong()).toEqual([
      expect.objectContaining({
        code: 'DOCTOR-POLICY',
        verdict: 'error',
        saw: `statement No denies ${ROLE} ecr:PutImage`,
      }),
    ]);
    policy({ Principal: '*', Action: 'ecr:PutImage', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    expect(await wrong()).toEqual([expect.objectContaining({ code: 'DOCTOR-POLICY', verdict: 'warning' })]);
    policy({ Principal: { AWS: 'arn:aws:iam::123456789012:role/other' }, Action: 'ecr:*' });
    await well();
  });

  it('a quota that is nearly used up, as it is in this account', async () => {
    quotas = [{ code: 'L-CFEB8E8D', name: 'Registered repositories', value: 2 }];
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-QUOTA', verdict: 'error', place: HOST, saw: 'has 2 of 2 repositories' }),
    ]);
    await pushAll(10);
    quotas = [{ code: 'L-03A36CE1', name: 'Images per repository', value: 11 }];
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-QUOTA', verdict: 'warning', place: `${HOST}/mirror/app` }),
    ]);
    refused = ['servicequotas'];
    await well();
    expect(await unknown('DOCTOR-QUOTA')).toEqual([
      expect.objectContaining({ saw: expect.stringContaining('servicequotas:ListServiceQuotas for you would do') }),
    ]);
  });

  async function pushAll(images: number): Promise<void> {
    const repository = ecr.state.repositories.get('mirror/app');
    for (let at = 0; at < images; at += 1) ecr.state.place('mirror/app', image({ seed: `quota ${at}` }), `1.0.${at}`);
    expect(repository?.manifests.size).toBe(images);
  }

  it('an account whose blobs are not mounted', async () => {
    api('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'DISABLED' });
    expect(await wrong()).toEqual([
      expect.objectContaining({ code: 'DOCTOR-MOUNTING', verdict: 'warning', place: HOST }),
    ]);
    api('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'ENABLED' });
    await well();
  });

  it('what may not be looked at, with the reason, each by itself', async () => {
    refused = ['ecr GetLifecyclePolicy', 'ecr GetRepositoryPolicy', 'ecr GetAccountSetting'];
    await well();
    for (const code of ['DOCTOR-LIFECYCLE', 'DOCTOR-POLICY', 'DOCTOR-MOUNTING']) {
      expect(await unknown(code)).toEqual([
        expect.objectContaining({ saw: expect.stringContaining('not authorized') }),
      ]);
    }
    refused = ['ecr DescribeRepositories'];
    for (const code of ['DOCTOR-REPOSITORY', 'DOCTOR-QUOTA']) {
      expect(await unknown(code)).toEqual([expect.objectContaining({ saw: expect.stringContaining('AccessDenied') })]);
    }
  });

  it('what nobody documents: what can be seen is, and the rest is said with its reason', async () => {
    const told = (await findings('--all')).filter(({ code }) => code === 'DOCTOR-BEHAVIOUR');
    expect(told[0]).toMatchObject({
      verdict: 'ok',
      saw: expect.stringContaining('application/vnd.oci.image.index.v1+json'),
    });
    expect(told.filter(({ verdict }) => verdict === 'unknown').length).toBeGreaterThan(8);
    const plain = `--plain-http=${source.host}`;
    const { out } = await bench.run(['doctor', '-f', 'mirrors.yaml', plain, ...QUICK]);
    expect(out.join('\n')).toMatch(/\d+ things that nobody documents and only use would show; --all lists them/);
  });
});
