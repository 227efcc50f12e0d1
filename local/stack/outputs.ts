import { type Service, unknownOperation } from '../aws/endpoint';
import { AwsError } from '../aws/error';
import type { Assembly } from '../template/assembly';
import type { Resolver } from '../template/resolver';
import { type JsonMap, mapOf, textOf } from '../template/value';

/**
 * The one stack there is: DescribeStacks, as far as its outputs tell, GetTemplate and ListStackResources, a few on a page.
 */
export function stackService(
  { stackName, template }: Pick<Assembly, 'stackName' | 'template'>,
  resolver: Resolver,
): Service {
  return (call) => {
    if (!OPERATIONS.includes(call.operation)) throw unknownOperation(call);
    const asked = textOf(call.input.StackName) ?? stackName;
    if (asked !== stackName) throw new AwsError('ValidationError', `Stack with id ${asked} does not exist`);
    if (call.operation === 'GetTemplate') return { output: { TemplateBody: JSON.stringify(template) } };
    if (call.operation === 'ListStackResources') {
      return { output: listResources(template, resolver, Number(textOf(call.input.NextToken) ?? 0)) };
    }
    const Outputs = Object.entries(mapOf(template.Outputs)).map(([OutputKey, output]) => ({
      OutputKey,
      OutputValue: textOf(resolver.value(mapOf(output).Value ?? '')) ?? '',
    }));
    const Stack = {
      StackName: stackName,
      StackStatus: 'CREATE_COMPLETE',
      CreationTime: new Date(0).toISOString(),
      Outputs,
    };
    return { output: { Stacks: [Stack] } };
  };
}

const OPERATIONS: readonly string[] = ['DescribeStacks', 'GetTemplate', 'ListStackResources'];
const PAGE = 20;

function listResources(template: JsonMap, resolver: Resolver, from: number): JsonMap {
  const ids = Object.keys(mapOf(template.Resources));
  const StackResourceSummaries = ids.slice(from, from + PAGE).map((LogicalResourceId) => ({
    LogicalResourceId,
    PhysicalResourceId: physicalId(resolver, LogicalResourceId),
    ResourceType: textOf(mapOf(mapOf(template.Resources)[LogicalResourceId]).Type) ?? '',
    ResourceStatus: 'CREATE_COMPLETE',
  }));
  const isLast = from + PAGE >= ids.length;
  return isLast ? { StackResourceSummaries } : { StackResourceSummaries, NextToken: String(from + PAGE) };
}

/** What is not run here may have properties that nothing here resolves. */
function physicalId(resolver: Resolver, id: string): string {
  try {
    return resolver.resource(id).ref;
  } catch {
    return id;
  }
}
