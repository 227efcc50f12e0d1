import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsEndpoint } from '../../local/aws/endpoint';
import { newSecret, secretNamed } from '../../local/canary';
import { startRegistry } from '../../local/registry';
import { leaksOf } from './gather';

const secret = newSecret();
const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
const say = (text: string) => [
  '-e',
  `process.stdout.write(Buffer.from('${Buffer.from(text).toString('hex')}', 'hex'))`,
];

describe('a secret is caught', () => {
  it('in an error, whatever becomes of it', async () => {
    const found = await leaksOf(() => new TypeError('x', { cause: new Error(`got ${basic(secret)}, not 1`) }));
    expect(found).toEqual([{ place: 'the message of an error', around: expect.stringContaining('<secret>, not 1') }]);
    expect(await leaksOf(() => new (class extends TypeError {})(secret))).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it('in what a process says, in one piece or in two', async () => {
    const found = await leaksOf(async () => {
      const text = secretNamed('said');
      const code = `process.stdout.write('a ${'x'.repeat(20)}'.slice(0, 3));${[text.slice(0, 9), text.slice(9)]
        .map((part, index) => `setTimeout(() => process.stderr.write('${part}'), ${index * 50})`)
        .join(';')}`;
      const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stderr.resume();
      child.stdout.resume();
      await once(child, 'close');
    });
    expect(found.map(({ place }) => place)).toEqual([expect.stringMatching(/^output 2 of -e/)]);
  });

  it('in what a process says that was waited for', async () => {
    const found = await leaksOf(() => execFileSync(process.execPath, say(secret)));
    expect(found.map(({ place }) => place)).toContain('the output of a process');
  });

  it('in the arguments of a process', async () => {
    const found = await leaksOf(() => once(spawn(process.execPath, ['-e', '0', secret]), 'close'));
    expect(found.map(({ place }) => place)).toContain('the arguments of a process');
  });

  it('in what a function answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leak-'));
    const file = join(folder, 'child.cjs');
    writeFileSync(file, `process.send({ error: { errorMessage: process.env.PASSWORD } })`);
    const found = await leaksOf(() => once(fork(file, { env: { PASSWORD: secret } }), 'message'));
    rmSync(folder, { recursive: true });
    expect(found.map(({ place }) => place)).toContain('a message of child.cjs');
  });

  it('in a file of a temporary folder, however deep, but where people keep credentials', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leak-'));
    mkdirSync(join(folder, 'cdk.out'));
    writeFileSync(join(folder, 'cdk.out', 'App.template.json'), JSON.stringify({ Value: basic(secret) }));
    writeFileSync(join(folder, 'config.json'), secret);
    const found = await leaksOf(() => rmSync(folder, { recursive: true }));
    expect(found.map(({ place }) => place)).toEqual(['the file App.template.json']);
  });
});

describe('a secret is caught on its way', () => {
  const placesOf = async (act: () => unknown) => (await leaksOf(act)).map(({ place }) => place);

  it('into a table, or any other call of an AWS API', async () => {
    const aws = await startAwsEndpoint({});
    const put = (headers: Record<string, string>, body = '{}') =>
      fetch(aws.url, { method: 'POST', body, headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem', ...headers } });
    expect(await placesOf(() => put({}, JSON.stringify({ Item: { Error: { S: secret } } })))).toHaveLength(1);
    expect(await placesOf(() => put({ authorization: basic(secret) }))).toHaveLength(1);
    expect(await placesOf(() => put({ 'x-amz-security-token': secret }))).toEqual([]);
    await aws.close();
  });

  it.each(['basic', 'bearer'] as const)(
    'to a registry with %s authorization that it was not made for',
    async (kind) => {
      const own = newSecret();
      const registry = await startRegistry({ auth: { kind, users: [{ username: 'me', password: own }] } });
      const ask = (path: string, init: RequestInit = {}) => fetch(`${registry.address}${path}`, init);
      const token = '/token?service=registry.example';
      const form = (password: string) => new URLSearchParams({ grant_type: 'password', username: 'me', password });
      expect(await placesOf(() => ask('/v2/', { headers: { authorization: basic(secret) } }))).toHaveLength(1);
      expect(await placesOf(() => ask('/v2/', { headers: { authorization: `Bearer ${secret}` } }))).toHaveLength(1);
      expect(await placesOf(() => ask(`/v2/?account=${own}`))).toHaveLength(1);
      expect(await placesOf(() => ask('/v2/', { headers: { cookie: own, authorization: basic(own) } }))).toHaveLength(
        1,
      );
      expect(await placesOf(() => ask('/v2/', { headers: { authorization: basic(own) } }))).toEqual([]);
      expect(await placesOf(() => ask(token, { headers: { authorization: basic(own) } }))).toEqual([]);
      const bearer = kind === 'bearer';
      const post = (password: string) => ask('/token', { method: 'POST', body: form(password) });
      expect(await placesOf(() => post(secret))).toHaveLength(bearer ? 1 : 0);
      expect(await placesOf(() => post(own))).toEqual([]);
      await registry.close();
    },
  );

  it('from Amazon ECR to somebody else, and the other way round', async () => {
    const ecr = await startRegistry({ personality: { kind: 'ecr' } });
    const open = await startRegistry();
    const headers = { authorization: `Basic ${ecr.ecr?.authorizationToken().token}` };
    expect(await placesOf(() => fetch(`${ecr.address}/v2/`, { headers }))).toEqual([]);
    expect(await placesOf(() => fetch(`${open.address}/v2/`, { headers }))).toHaveLength(1);
    expect(await placesOf(() => fetch(`http://${ecr.bucketHost}/layers/x`, { headers }))).toHaveLength(1);
    const others = { authorization: basic(secret) };
    expect(await placesOf(() => fetch(`${ecr.address}/v2/`, { headers: others }))).toHaveLength(1);
    await Promise.all([ecr.close(), open.close()]);
  });
});

it('fails the test in whose time it is written, and the file when it was in nobody’s', () => {
  const args = ['node_modules/jest/bin/jest.js', '--ci', '--json', '--testMatch', '**/test/canary/leaky.ts'];
  const run = () => execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let answer = '';
  try {
    run();
  } catch (error) {
    answer = String((error as { stdout: Buffer }).stdout);
  }
  const [file] = JSON.parse(answer).testResults;
  const failed = file.assertionResults.map(({ title, status }: Record<string, string>) => [title, status]);
  expect(failed).toEqual([
    ['says nothing', 'passed'],
    ['says a secret', 'failed'],
    ['writes a secret', 'failed'],
    ['says nothing again', 'passed'],
  ]);
  expect(file.status).toBe('failed');
  expect(file.message).toMatch(/a secret was seen in console\.log: .*hello <secret>/);
  expect(file.message).toMatch(/a secret was seen in what the tests wrote to stderr/);
  expect(file.message).toMatch(/a secret was seen in console\.warn/);
}, 60_000);
