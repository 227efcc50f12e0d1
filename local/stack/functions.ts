import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../../lib/model/invalid';
import type { Activity } from '../activity';
import { type FunctionOptions, type LocalFunction, makeFunction } from '../lambda/function';
import type { Assembly } from '../template/assembly';
import type { Resolver, Resource } from '../template/resolver';
import { mapOf, numberOf, textOf } from '../template/value';

export interface FunctionsOptions {
  readonly template: Resolver;
  readonly assembly: Assembly;
  /** What the platform gives a function: region, credentials of its role, endpoints. */
  readonly surroundings: (roleArn: string) => Readonly<Record<string, string>>;
  readonly activity: Activity;
  readonly onLine: (name: string, line: string) => void;
  readonly onInvocation: (name: string, ...rest: Parameters<NonNullable<FunctionOptions['onInvocation']>>) => void;
}

/** The functions of a template. One is made when it is first asked for, so that those of others (custom resources) are not. */
export interface Functions {
  /** By ARN or name. @throws Error when there is none. */
  find(asked: string): LocalFunction;
  made(): readonly LocalFunction[];
}

/** Lambda waits a minute, then two, before it tries an event again. Here people wait. */
const RETRY_DELAYS = [1_000, 2_000];
const EXTENSIONS = ['.js', '.mjs', '.cjs'];

export function makeFunctions(options: FunctionsOptions): Functions {
  const declared = () => options.template.ofType('AWS::Lambda::Function');
  const made = new Map<string, LocalFunction>();
  return {
    find: (asked) => {
      const resource = declared().find(({ ref, attributes }) => asked === ref || asked === attributes.Arn);
      if (resource === undefined) throw new Error(`template: got ${show(asked)}; the ARN of a function would do`);
      const known = made.get(resource.id) ?? makeFunction(readFunction(resource, options));
      made.set(resource.id, known);
      return known;
    },
    made: () => [...made.values()],
  };
}

function readFunction({ ref, attributes, properties }: Resource, options: FunctionsOptions): FunctionOptions {
  const { Variables } = mapOf(properties.Environment);
  const variables = Object.entries(mapOf(Variables)).map(([name, value]) => [name, textOf(value) ?? ''] as const);
  const memory = numberOf(properties.MemorySize) ?? 128;
  return {
    name: ref,
    arn: attributes.Arn ?? '',
    ...readHandler(textOf(properties.Handler) ?? '', codeFolder(properties.Code, options.assembly)),
    environment: Object.fromEntries(variables),
    surroundings: {
      PATH: process.env.PATH ?? '',
      ...options.surroundings(textOf(properties.Role) ?? ''),
      AWS_LAMBDA_FUNCTION_NAME: ref,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    },
    memory,
    timeout: (numberOf(properties.Timeout) ?? 3) * 1000,
    retryDelays: RETRY_DELAYS,
    activity: options.activity,
    onLine: (line) => options.onLine(ref, line),
    onInvocation: (...rest) => options.onInvocation(ref, ...rest),
  };
}

/** The folder that became the zip file named by `S3Key`. */
function codeFolder(code: unknown, assembly: Assembly): string {
  const key = textOf(mapOf(code).S3Key) ?? '';
  return assembly.asset(key.slice(key.lastIndexOf('/') + 1).replace(/\.zip$/, ''));
}

function readHandler(text: string, folder: string): { file: string; handler: string } {
  const dot = text.lastIndexOf('.');
  const module = join(folder, text.slice(0, dot));
  const file = EXTENSIONS.map((extension) => `${module}${extension}`).find(existsSync);
  if (file === undefined) throw new Error(`function: handler: got ${show(text)}, which ${folder} does not hold`);
  return { file, handler: text.slice(dot + 1) };
}
