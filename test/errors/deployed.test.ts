import { App, Stack } from 'aws-cdk-lib';
import { awsFailure } from '../../aws/errors';
import { registryCredentials } from '../../aws/registry-credentials';
import { recordStop } from '../../aws/removals';
import { fatal } from '../../bin/exit';
import { readReply, tellReply } from '../../bin/run-voice';
import { tellJson } from '../../bin/status-voice';
import { judge } from '../../bin/statuses';
import { EcrMirror } from '../../lib';
import { parseDigest } from '../../lib/model/digest';
import type { CommandCode, DeployedCode, ErrorCode, JobCode, RowCode } from '../../lib/model/error-code';
import { freshnessOf } from '../../lib/model/freshness';
import { parseReference } from '../../lib/model/reference';
import { startMirror, type TestMirror } from '../aws/mirror';
import { imageAt } from '../aws/values';
import { type Bench, openBench } from '../bin/drive';
import { failureOf } from '../engine/registry/scripted';
import { ROOT, receiver, standard } from '../lambda/webhook/world';

let mirror: TestMirror;
let bench: Bench;
beforeAll(async () => {
  mirror = await startMirror();
  bench = openBench();
});
afterAll(async () => {
  await bench.close();
  await mirror.close();
});

const row = (name: string, more: object = {}) => ({
  Source: `upstream.test/${name}:1`,
  Destination: `destination.test/mirror/${name}`,
  ...more,
});
const itemOf = (name: string, destination = '-') => mirror.copy(`upstream.test/${name}:1`, destination);
const codeOf = async (failing: Promise<unknown>) => ((await failureOf(failing)) as Error & { code?: string }).code;

/** What tells machines is told, and of that the last code. */
function toldCode(tell: (io: { stdout: { write(line: string): void } }) => void): string | undefined {
  const lines: string[] = [];
  tell({ stdout: { write: (line) => void lines.push(line) } });
  return lines.map((line) => JSON.parse(line).code).findLast((code) => code !== undefined);
}

/** The code of a row's own item after a run that looks at it and at nothing else. */
async function ofRow(name: string, more: object = {}): Promise<string | undefined> {
  await mirror.put(row(name, more));
  await mirror.call({ sources: [`upstream.test/${name}:1`] });
  return (await itemOf(name))?.Code;
}

async function told(...argv: string[]): Promise<string | undefined> {
  const { out, err } = await bench.run([...argv, '--json']);
  const codes = out.map((line) => JSON.parse(line).code);
  expect(err.at(-1)).toContain(`[${codes.at(-1)}]`);
  return codes.at(-1);
}

const ROWS: Readonly<Record<Exclude<RowCode, 'SELECTION_TOO_LARGE' | 'KEPT_TAG_TAKEN'>, () => Promise<unknown>>> = {
  ROW_INVALID: () => ofRow('typo', { Destinatoin: 'x' }),
  NOT_ALLOWED: () => ofRow('stranger', { Destination: 'stranger.test/app' }),
  async DESTINATION_CONTESTED() {
    await mirror.publish('one', '1', '1');
    await mirror.put(row('two', { Destination: 'destination.test/same:1' }));
    return ofRow('one', { Destination: 'destination.test/same:1' });
  },
  async NOTHING_SELECTED() {
    await mirror.publish('few', '1', '1');
    await mirror.put({
      Source: 'upstream.test/few',
      Destination: 'destination.test/mirror/few',
      Tags: { Include: ['9'] },
    });
    await mirror.call({ sources: ['upstream.test/few'] });
    return (await mirror.copy('upstream.test/few', '-'))?.Code;
  },
  async TOO_YOUNG() {
    await mirror.publish('young', '1', 'young');
    await ofRow('young', { MinAge: '3d' });
    return (await itemOf('young', 'destination.test/mirror/young:1'))?.Code;
  },
  async IMAGE_REMOVED() {
    await mirror.publish('removed', '1', 'removed');
    await mirror.put(row('removed'));
    await mirror.call({ sources: ['upstream.test/removed:1'] });
    await mirror.runSubmitted();
    const item = await itemOf('removed', 'destination.test/mirror/removed:1');
    const source = imageAt('upstream.test/removed:1', parseDigest(String(item?.SourceDigest)));
    const pair = { source, destination: parseReference('destination.test/mirror/removed:1') };
    await recordStop(mirror.world().copies, pair, { times: 3 }, 'why', mirror.clock.now());
    return (await itemOf('removed', 'destination.test/mirror/removed:1'))?.Code;
  },
  NEVER_MIRRORED: async () => freshnessOf(undefined, { now: 0, staleAfter: 1 }).code,
  NOT_LOOKED_AT: async () =>
    freshnessOf({ source: 's', destination: 'd', state: 'Mirrored', lastChecked: 0 }, { now: 9e6, staleAfter: 1 }).code,
  STALE: async () =>
    freshnessOf(
      { source: 's', destination: 'd', state: 'Queued', staleSince: 0, lastChecked: 9e6 },
      { now: 9e6, staleAfter: 1 },
    ).code,
};

const aws = (name: string, httpStatusCode: number) =>
  awsFailure('read it', Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } })).code;

const DEPLOYED: Readonly<Record<DeployedCode, () => Promise<unknown>>> = {
  AWS_CREDENTIALS: async () => aws('ExpiredTokenException', 400),
  AWS_DENIED: async () => aws('AccessDeniedException', 400),
  AWS_THROTTLED: async () => aws('ThrottlingException', 400),
  AWS_UNAVAILABLE: async () => aws('InternalServerError', 500),
  AWS_REFUSED: async () => aws('ResourceNotFoundException', 400),
  SECRET_INVALID: () => codeOf(readSecret('no credential')),
  CONTROLLER_FAILED: async () =>
    toldCode((io) =>
      tellReply(
        readReply({ error: 'e' }),
        { json: true, quiet: false },
        { ...io, stderr: io.stdout, env: {}, cwd: '/' },
      ),
    ),
  async CONTROLLER_SILENT() {
    const ran = {
      id: 'r-0',
      started: 0,
      finished: 0,
      trigger: 'schedule',
      continued: false,
      rows: 0,
      copies: 0,
      errors: [],
    };
    const statuses = judge([], { copies: [], rows: new Map(), runs: [ran] }, { now: 86_400_000 });
    return toldCode((io) => tellJson([], statuses, io));
  },
  async WEBHOOK_REFUSED() {
    const world = receiver({ secrets: async () => ['another-secret-of-length'] });
    expect(await world.take(standard(ROOT))).toBe(401);
    return world.logged.at(-1)?.fields.code;
  },
};

async function readSecret(text: string): Promise<unknown> {
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-abcdef';
  const clients = { secrets: () => ({ send: async () => ({ SecretString: text }) }) };
  const settings = { credentials: [{ for: 'quay.io', direction: 'both', secretArn: arn }], roles: [] };
  // biome-ignore lint/suspicious/noExplicitAny: of the clients one call is asked for
  const credentials = registryCredentials(settings as any, clients as any, mirror.clock);
  return credentials.get({ registry: 'quay.io', name: 'org/app' }, 'pull');
}

const REASONS: Readonly<Record<Exclude<JobCode, 'QUEUE_BLOCKED'>, string>> = {
  JOB_FAILED: 'Essential container in task exited',
  JOB_TIMED_OUT: 'Job attempt duration exceeded timeout',
  JOB_OUT_OF_MEMORY: 'OutOfMemoryError: Container killed due to memory usage',
  JOB_IMAGE_UNAVAILABLE: 'CannotPullContainerError: pull image manifest has been retried 5 time(s)',
  JOB_NOT_STARTED: 'ResourceInitializationError: unable to pull secrets or registry auth',
  JOB_INTERRUPTED: 'Your Spot Task was interrupted.',
  JOB_CANCELLED: 'Terminated by somebody',
};

/** The code on a copy after an event about the job that was to make it. */
async function afterEvent(type: string, statusReason: string): Promise<string | undefined> {
  const name = `job-${mirror.submitted.length}`;
  await mirror.publish(name, '1', name);
  await ofRow(name);
  const job = mirror.submitted.at(-1);
  const detail = { jobId: job?.id, status: 'FAILED', statusReason, parameters: job?.parameters };
  await mirror.call({ 'detail-type': type, detail });
  return (await itemOf(name, `destination.test/mirror/${name}:1`))?.Code;
}

const COMMANDS: Readonly<Record<Exclude<CommandCode, 'OVERTAKEN'>, () => Promise<unknown>>> = {
  USAGE: () => told('cpoy'),
  FILE_FAILED: () => told('sync', '-f', 'missing.yaml'),
  VALUE_INVALID: () => codeOf(mirror.run({ kind: 'plan', plan: 'gone', group: 0 }, 'job')),
  PROPS_INVALID: () => codeOf((async () => new EcrMirror(new Stack(new App(), 'S'), 'M', { attempts: 11 }))()),
  STOPPED: () => codeOfFatal(AbortSignal.abort().reason),
  INTERNAL: () => codeOfFatal(new TypeError('of undefined')),
};

async function codeOfFatal(error: unknown): Promise<string | undefined> {
  const stderr = { write: () => undefined };
  return toldCode(({ stdout }) => fatal(error, { debug: false, json: true }, { stdout, stderr }));
}

const named = <T extends ErrorCode>(provoked: Readonly<Record<T, unknown>>) => Object.keys(provoked) as T[];

describe('of a deployed mirror, what is wrong', () => {
  it.each(named(ROWS))('with a row or copy is called %s', async (code) => expect(await ROWS[code]()).toBe(code));

  it.each(named(DEPLOYED))('with the deployment is called %s', async (code) =>
    expect(await DEPLOYED[code]()).toBe(code),
  );

  it.each(named(REASONS))('with a job is called %s', async (code) =>
    expect(await afterEvent('Batch Job State Change', REASONS[code])).toBe(code),
  );

  it('with a queue is called QUEUE_BLOCKED', async () =>
    expect(await afterEvent('Batch Job Queue Blocked', 'CAPACITY')).toBe('QUEUE_BLOCKED'));
});

it.each(named(COMMANDS))('what was asked for in vain is called %s', async (code) =>
  expect(await COMMANDS[code]()).toBe(code),
);
