import { CloudFormationClient, DescribeStacksCommand, type Output } from '@aws-sdk/client-cloudformation';
import { InvalidValue } from '../lib/model/invalid';
import { OutputName } from '../lib/model/names';
import { type ClientOptions, configuration } from './clients';
import { awsFailure } from './errors';

/** Where the parts of a deployed mirror are. */
export interface Deployed {
  readonly mirrorsTable: string;
  readonly copiesTable: string;
  readonly controllerFunction: string;
  /** Absent in stacks that were deployed before there was such an output. */
  readonly settingsParameter?: string;
}

/**
 * Finds a mirror by the outputs of its stack.
 *
 * @param stack name or ARN of the stack; of a stack with several mirrors `stack/mirror`, the construct's id being enough
 * @throws InvalidValue when there is none or more than one; EngineError when AWS does not answer
 */
export async function findDeployed(options: ClientOptions, stack: string): Promise<Deployed> {
  const [name = '', construct] = stack.startsWith('arn:') ? [stack] : stack.split('/');
  const found = mirrorsOf(await readOutputs(options, name));
  const wanted = construct === undefined ? found : found.filter(({ id }) => id === logical(stack.slice(name.length)));
  const [first, ...others] = wanted;
  if (first !== undefined && others.length === 0) return first.deployed;
  const those = found.map(({ id }) => `${name}/${id}`).join(', ');
  if (found.length === 0)
    throw new InvalidValue('stack', stack, 'a stack that has an EcrMirror would do: its outputs name the tables');
  throw new InvalidValue('stack', stack, `one of its mirrors would do: ${those}`);
}

async function readOutputs(options: ClientOptions, name: string): Promise<readonly Output[]> {
  // Of its own, so that the controller and the worker do not hold a client that they never use.
  const client = new CloudFormationClient(configuration(options, options.region));
  try {
    const answer = await client.send(new DescribeStacksCommand({ StackName: name }));
    return answer.Stacks?.[0]?.Outputs ?? [];
  } catch (cause) {
    throw awsFailure(`describe stack ${name}`, cause, remedyFor(cause));
  } finally {
    client.destroy();
  }
}

/** Whoever has named no region, or has no credentials, need not look at the name. */
function remedyFor(cause: unknown): string {
  const { name, message } = cause instanceof Error ? cause : new Error();
  if (message === 'Region is missing') return "AWS_REGION, a profile with a region, or the stack's ARN would do";
  if (name === 'CredentialsProviderError')
    return 'credentials of AWS would do: --profile, AWS_PROFILE, or the environment';
  return 'the name of a deployed stack, in this account and region, would do';
}

/** CDK puts the path of the construct before an output's id, and a hash of it behind. */
const OUTPUT = /^(.*?)(MirrorsTable|CopiesTable|ControllerFunction|SettingsParameter)(?:[0-9A-F]{8})?$/;

function mirrorsOf(outputs: readonly Output[]): readonly { readonly id: string; readonly deployed: Deployed }[] {
  const byConstruct = new Map<string, Record<string, string>>();
  for (const { OutputKey = '', OutputValue = '' } of outputs) {
    const [, construct, name] = OUTPUT.exec(OutputKey) ?? [];
    if (construct === undefined || name === undefined) continue;
    byConstruct.set(construct, { ...byConstruct.get(construct), [name]: OutputValue });
  }
  return [...byConstruct].flatMap(([id, values]) => {
    const { [OutputName.MIRRORS]: mirrorsTable, [OutputName.COPIES]: copiesTable } = values;
    const { [OutputName.CONTROLLER]: controllerFunction, [OutputName.SETTINGS]: settingsParameter } = values;
    if (mirrorsTable === undefined || copiesTable === undefined || controllerFunction === undefined) return [];
    const rest = settingsParameter === undefined ? {} : { settingsParameter };
    return [{ id, deployed: { mirrorsTable, copiesTable, controllerFunction, ...rest } }];
  });
}

/** A construct's path as logical ids have it. */
function logical(path: string): string {
  return path.replace(/[^A-Za-z0-9]/g, '');
}
