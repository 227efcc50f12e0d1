import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countActivity } from '../../../local/activity';
import { type FunctionOptions, type LocalFunction, makeFunction } from '../../../local/lambda/function';

const folder = mkdtempSync(join(tmpdir(), 'function-'));
const made: LocalFunction[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((one) => one.stop()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const activity = countActivity();
function make(handler: string, more: Partial<FunctionOptions> = {}): LocalFunction {
  const file = join(folder, `${made.length}-${handler.length}.js`);
  writeFileSync(file, handler);
  const one = makeFunction({
    name: 'controller',
    arn: 'arn:aws:lambda:eu-west-1:111122223333:function:controller',
    file,
    handler: 'handler',
    environment: { TABLE: 'copies' },
    memory: 512,
    timeout: 10_000,
    activity,
    ...more,
  });
  made.push(one);
  return one;
}

describe('a function', () => {
  it('gets the event, the context and its own environment alone', async () => {
    const { invoke, arn } = make(
      `exports.handler = async (event, context) => ({ event, context, left: context.getRemainingTimeInMillis(),
        environment: Object.keys(process.env).sort() })`,
      { surroundings: { AWS_REGION: 'eu-west-1' } },
    );
    const invocation = await invoke({ a: 1 });
    const result = 'result' in invocation ? (invocation.result as { left: number }) : undefined;
    expect(result).toMatchObject({
      event: { a: 1 },
      environment: ['AWS_REGION', 'TABLE'],
      context: { awsRequestId: invocation.requestId, functionName: 'controller', invokedFunctionArn: arn },
    });
    expect(result?.left).toBeGreaterThan(0);
    expect(result?.left).toBeLessThanOrEqual(10_000);
  });

  it('answers null for nothing, and errors as Lambda describes them', async () => {
    expect(await make('exports.handler = async () => {}').invoke({})).toMatchObject({ result: null });
    const failing = make('exports.handler = async () => { throw new TypeError("no such row") }');
    expect(await failing.invoke({})).toMatchObject({ error: { errorType: 'TypeError', errorMessage: 'no such row' } });
  });

  it('starts nothing any more once it is stopped, for whoever waits either', async () => {
    const waits = make('exports.handler = () => new Promise(() => {})', { concurrency: 1 });
    const running = waits.invoke({});
    const waiting = waits.invoke({});
    await waits.stop();
    expect(await running).toHaveProperty('error');
    expect(await waiting).toMatchObject({ error: { errorType: 'Runtime.Stopped' } });
    expect(await waits.invoke({})).toMatchObject({ error: { errorType: 'Runtime.Stopped' } });
  });

  it('says that a handler is missing', async () => {
    const invocation = await make('exports.other = 1').invoke({});
    expect(invocation).toMatchObject({ error: { errorType: 'Runtime.HandlerNotFound' } });
  });

  it('keeps its process warm, and starts another beside one that is busy', async () => {
    const { invoke } = make('exports.handler = async () => process.pid');
    const [one, other] = await Promise.all([invoke({}), invoke({})]);
    const again = await invoke({});
    const pid = (invocation: object) => ('result' in invocation ? invocation.result : undefined);
    expect(pid(one)).not.toBe(pid(other));
    expect([pid(one), pid(other)]).toContain(pid(again));
  });

  it('is ended when its time is up, and works again afterwards', async () => {
    const { invoke } = make('exports.handler = (event) => event.wait ? new Promise(() => {}) : 1', { timeout: 500 });
    expect(await invoke({ wait: true })).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    expect(await invoke({ wait: false })).toMatchObject({ result: 1 });
  });

  it('tells when its process ends in the middle', async () => {
    const { invoke } = make('exports.handler = () => process.exit(1)');
    expect(await invoke({})).toMatchObject({ error: { errorType: 'Runtime.ExitError' } });
  });

  it('tries an event twice more when it fails, then gives up', async () => {
    const seen: [string, boolean][] = [];
    const { invokeAsync } = make('exports.handler = async () => { throw new Error("always") }', {
      retryDelays: [1, 1],
      onInvocation: (_event, { requestId }, final) => seen.push([requestId, final]),
    });
    invokeAsync({});
    await activity.idle(20_000);
    expect(seen.map(([, final]) => final)).toEqual([false, false, true]);
    expect(new Set(seen.map(([requestId]) => requestId)).size).toBe(1);
  });

  it('refuses payloads and environments that are too large', async () => {
    const { invokeAsync, invoke } = make('exports.handler = async () => {}');
    const large = (bytes: number) => 'x'.repeat(bytes);
    expect(() => invokeAsync(large(1024 * 1024))).toThrow(/at most 1048576/);
    await expect(invoke(large(6 * 1024 * 1024))).rejects.toThrow(/at most 6291456/);
    expect(() => make('', { environment: { A: large(4096) } })).toThrow(/environment: got 410\d bytes; at most 4096/);
  });
});
