import { randomUUID } from 'node:crypto';
import { show } from '../../lib/model/invalid';
import type { BatchApi } from '../batch/api';
import type { LocalFunction } from '../lambda/function';
import { ecrPublicTokens } from '../registry/ecr-tokens';
import type { StateMachines } from '../stack/state-machines';
import { type Json, type JsonMap, listOf, mapOf, textOf } from '../template/value';
import type { DynamoDb } from './dynamodb';
import { type Service, unknownOperation } from './endpoint';
import { AwsError } from './error';
import type { Principals } from './principals';
import type { Answer } from './protocol';

/** The AWS services of the local stack, each as thin as what the controller and the worker ask of it. */

export function dynamoDbService(database: DynamoDb): Service {
  return async ({ operation, input }) => ({ output: await database.call(operation, input) });
}

export function batchService(api: BatchApi): Service {
  return (call) => {
    const operation = api[call.operation];
    if (operation === undefined) throw unknownOperation(call);
    return { output: operation(call.input, call.payloadBytes) };
  };
}

/**
 * By the function's name or ARN. An invocation type `Event` is queued; any other waits for the result.
 *
 * @param find throws when there is no such function
 */
export function lambdaService(find: (asked: string) => LocalFunction): Service {
  return async (call) => {
    if (call.operation !== 'Invoke') throw unknownOperation(call);
    const target = findFunction(find, textOf(call.input.FunctionName) ?? '');
    const event = call.input.Payload ?? {};
    const type = call.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'DryRun') return { output: '', status: 204 };
    if (type === 'Event') {
      target.invokeAsync(event);
      return { output: '', status: 202 };
    }
    const invocation = await target.invoke(event);
    if ('result' in invocation) return { output: invocation.result };
    return { output: { ...invocation.error }, headers: { 'x-amz-function-error': 'Unhandled' } };
  };
}

function findFunction(find: (asked: string) => LocalFunction, asked: string): LocalFunction {
  try {
    return find(asked);
  } catch {
    throw new AwsError('ResourceNotFoundException', `Function not found: ${show(asked)}`, 404);
  }
}

/** Parameters by name, as text. */
export function parameterService(parameters: ReadonlyMap<string, string>): Service {
  return (call) => {
    if (call.operation !== 'GetParameter') throw unknownOperation(call);
    const asked = textOf(call.input.Name) ?? '';
    const name = asked.startsWith('arn:') ? asked.slice(asked.indexOf(':parameter/') + ':parameter'.length) : asked;
    const Value = parameters.get(name) ?? parameters.get(name.replace(/^\//, ''));
    if (Value === undefined) throw new AwsError('ParameterNotFound', `GetParameter: Name: got ${show(asked)}`);
    return { output: { Parameter: { Name: name, Type: 'String', Value, Version: 1 } } };
  };
}

/** Secrets by ARN or name. */
export function secretService(secrets: ReadonlyMap<string, string>): Service {
  return (call) => {
    if (call.operation !== 'GetSecretValue') throw unknownOperation(call);
    const asked = textOf(call.input.SecretId) ?? '';
    const SecretString = secrets.get(asked);
    if (SecretString === undefined) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return { output: { ARN: asked, Name: asked, SecretString, VersionStages: ['AWSCURRENT'] } };
  };
}

export function tokenService(principals: Principals): Service {
  return (call): Answer => {
    const caller = principals.holder(call.accessKeyId);
    if (call.operation === 'GetCallerIdentity') {
      return { output: { Account: caller.account, Arn: caller.arn, UserId: call.accessKeyId } };
    }
    if (call.operation !== 'AssumeRole') throw unknownOperation(call);
    const role = textOf(call.input.RoleArn) ?? '';
    const session = textOf(call.input.RoleSessionName) ?? '';
    if (!/^arn:[a-z-]+:iam::\d{12}:role\/./.test(role)) {
      throw new AwsError('ValidationError', `AssumeRole: RoleArn: got ${show(role)}; a role's ARN would do`);
    }
    const key = principals.keyOf(role);
    return {
      output: {
        Credentials: {
          AccessKeyId: key.accessKeyId,
          SecretAccessKey: key.secretAccessKey,
          SessionToken: key.sessionToken,
          Expiration: new Date(Date.now() + 3_600_000).toISOString(),
        },
        AssumedRoleUser: { AssumedRoleId: `AROALOCAL:${session}`, Arn: `${role}/${session}` },
      },
    };
  };
}

/** PutEvents: each entry is handed on as an event. */
export function eventService(deliver: (entry: JsonMap) => void): Service {
  return (call) => {
    if (call.operation !== 'PutEvents') throw unknownOperation(call);
    const entries = listOf(call.input.Entries).map(mapOf);
    for (const entry of entries) deliver(entry);
    return { output: { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: randomUUID() })) } };
  };
}

/** StartExecution: what becomes of it is seen by what its tasks do. */
export function stateMachineService(machines: StateMachines): Service {
  return (call) => {
    if (call.operation !== 'StartExecution') throw unknownOperation(call);
    const input = JSON.parse(textOf(call.input.input) ?? '{}') as Json;
    const executionArn = machines.start(textOf(call.input.stateMachineArn) ?? '', input);
    return { output: { executionArn, startDate: Date.now() / 1000 } };
  };
}

const SECURITY_GROUP_RULES = /^(?:Authorize|Revoke)SecurityGroup(?:In|E)gress$/;

/** Rules of security groups, as of the VPC that CDK closes: taken, and of no effect here. */
export function securityGroupService(): Service {
  return (call) => {
    if (!SECURITY_GROUP_RULES.test(call.operation)) throw unknownOperation(call);
    return { output: { return: true } };
  };
}

/** The control plane of one Amazon ECR: one account in one region. `caller` is an access key. @throws AwsError */
export type EcrControlPlane = (operation: string, input: JsonMap, caller?: string) => object;

/** ECR of several accounts and regions; `registryId` chooses the account, the signature the region. */
export function ecrService(
  principals: Principals,
  find: (account: string, region: string) => EcrControlPlane | undefined,
): Service {
  return ({ accessKeyId, region, input, operation }) => {
    const account = textOf(input.registryId) ?? principals.holder(accessKeyId).account;
    const plane = find(account, region);
    if (plane === undefined) {
      throw new AwsError(
        'RepositoryNotFoundException',
        `ecr ${operation}: there is no registry ${account} in ${region}`,
      );
    }
    return { output: plane(operation, input, accessKeyId) as JsonMap };
  };
}

/** The one operation of Amazon ECR Public that pulling and pushing need. */
export function ecrPublicService(): Service {
  return (call) => {
    if (call.operation !== 'GetAuthorizationToken') throw unknownOperation(call);
    const { token, expiresAt } = ecrPublicTokens.issue(call.accessKeyId);
    return { output: { authorizationData: { authorizationToken: token, expiresAt: Math.floor(expiresAt / 1000) } } };
  };
}
