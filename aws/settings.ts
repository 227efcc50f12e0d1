import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { parseEndpoints } from '../lib/model/endpoints';
import { InvalidValue } from '../lib/model/invalid';
import { Env } from '../lib/model/names';
import type { MirrorSettings } from '../lib/model/settings';
import { parseSettings } from '../lib/model/settings-document';
import { awsFailure } from './errors';

/** What the environment tells the worker and the controller. */
export interface Environment {
  readonly copiesTable: string;
  readonly settingsParameter: string;
  /** Registry to base URL. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface ControllerEnvironment extends Environment {
  readonly mirrorsTable: string;
  readonly jobQueue: string;
  readonly jobDefinition: string;
  /** The function's own name, for going on in a new invocation. */
  readonly functionName: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** @throws InvalidValue naming the first variable that is missing or no good. */
export function readEnvironment(variables: Variables): Environment {
  return {
    copiesTable: required(variables, Env.COPIES_TABLE, 'the name of the table of copies'),
    settingsParameter: required(variables, Env.SETTINGS_PARAMETER, 'the name of the parameter that holds the settings'),
    endpoints: parseEndpoints(variables[Env.REGISTRY_ENDPOINTS]),
  };
}

/** @throws InvalidValue naming the first variable that is missing or no good. */
export function readControllerEnvironment(variables: Variables): ControllerEnvironment {
  return {
    ...readEnvironment(variables),
    mirrorsTable: required(variables, Env.MIRRORS_TABLE, 'the name of the table of mirrors'),
    jobQueue: required(variables, Env.JOB_QUEUE, 'the ARN or name of the job queue'),
    jobDefinition: required(variables, Env.JOB_DEFINITION, 'the ARN or name of the job definition'),
    functionName: required(variables, 'AWS_LAMBDA_FUNCTION_NAME', 'the name of this function, as Lambda sets it,'),
  };
}

function required(variables: Variables, name: string, what: string): string {
  const value = variables[name];
  if (value !== undefined && value !== '') return value;
  throw new InvalidValue(`environment variable ${name}`, value, `${what} would do`);
}

/** The settings of a deployed mirror, from their parameter. @throws EngineError, InvalidValue */
export async function readSettings(ssm: SSMClient, parameter: string): Promise<MirrorSettings> {
  const text = await readParameter(ssm, parameter);
  return parseSettings(text);
}

async function readParameter(ssm: SSMClient, parameter: string): Promise<string> {
  try {
    const answer = await ssm.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
    return answer.Parameter?.Value ?? '';
  } catch (cause) {
    throw awsFailure(`read parameter ${parameter}`, cause);
  }
}
