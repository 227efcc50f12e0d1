import { Env } from '../../lib/model/names';
import { type JsonMap, listOf, mapOf, textOf } from '../../local/template/value';
import type { Emulator } from './emulator';

/** What the emulator says that the deployment has made. */
export interface Deployed {
  readonly mirrors: string;
  readonly copies: string;
  readonly controller: string;
  /** The function's configuration. */
  readonly configuration: JsonMap;
  readonly variables: JsonMap;
  readonly mirrorsTable: JsonMap;
  readonly copiesTable: JsonMap;
  readonly rows: readonly JsonMap[];
  /** What the parameter holds that the environment names. */
  readonly settings: JsonMap;
  readonly repositories: readonly JsonMap[];
  /** Event patterns of the rules whose target is the controller. */
  readonly patterns: readonly JsonMap[];
  readonly mapping: JsonMap;
  readonly schedules: readonly JsonMap[];
  readonly queues: readonly JsonMap[];
  readonly definitions: readonly JsonMap[];
}

const DYNAMODB = 'DynamoDB_20120810';
const EVENTS = 'AWSEvents';

export async function readDeployed({ call }: Emulator, outputs: JsonMap): Promise<Deployed> {
  const output = (name: string) => textOf(Object.entries(outputs).find(([key]) => key.includes(name))?.[1]) ?? '';
  const names = { mirrors: output('MirrorsTable'), copies: output('CopiesTable') };
  const controller = output('ControllerFunction');
  const describe = async (TableName: string) =>
    mapOf((await call('dynamodb', `${DYNAMODB}.DescribeTable`, { TableName })).Table);
  const configuration = await call('lambda', `/2015-03-31/functions/${controller}/configuration`);
  const variables = mapOf(mapOf(configuration.Environment).Variables);
  const parameter = await call('ssm', 'AmazonSSM.GetParameter', { Name: variables[Env.SETTINGS_PARAMETER] ?? '' });
  const mappings = await call('lambda', '/2015-03-31/event-source-mappings');
  return {
    ...names,
    controller,
    configuration,
    variables,
    mirrorsTable: await describe(names.mirrors),
    copiesTable: await describe(names.copies),
    rows: maps((await call('dynamodb', `${DYNAMODB}.Scan`, { TableName: names.mirrors })).Items),
    settings: mapOf(JSON.parse(textOf(mapOf(parameter.Parameter).Value) ?? '{}')),
    repositories: maps((await call('ecr', 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories')).repositories),
    patterns: await readPatterns(call, textOf(configuration.FunctionArn) ?? ''),
    mapping: mapOf(listOf(mappings.EventSourceMappings)[0]),
    schedules: maps((await call('scheduler', '/schedules')).Schedules),
    queues: maps((await call('batch', '/v1/describejobqueues', {})).jobQueues),
    definitions: maps((await call('batch', '/v1/describejobdefinitions', {})).jobDefinitions),
  };
}

async function readPatterns(call: Emulator['call'], target: string): Promise<readonly JsonMap[]> {
  const rules = maps((await call('events', `${EVENTS}.ListRules`)).Rules);
  const patterns: JsonMap[] = [];
  for (const { Name, EventPattern } of rules) {
    const { Targets } = await call('events', `${EVENTS}.ListTargetsByRule`, { Rule: Name ?? '' });
    if (maps(Targets).some(({ Arn }) => Arn === target)) patterns.push(mapOf(JSON.parse(textOf(EventPattern) ?? '{}')));
  }
  return patterns;
}

function maps(list: unknown): readonly JsonMap[] {
  return listOf(list).map(mapOf);
}
