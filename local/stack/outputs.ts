import { type Service, unknownOperation } from '../aws/endpoint';
import { AwsError } from '../aws/error';
import type { Assembly } from '../template/assembly';
import type { Resolver } from '../template/resolver';
import { mapOf, textOf } from '../template/value';

/** DescribeStacks: the one stack there is, as far as its outputs tell. */
export function stackService(
  { stackName, template }: Pick<Assembly, 'stackName' | 'template'>,
  resolver: Resolver,
): Service {
  return (call) => {
    if (call.operation !== 'DescribeStacks') throw unknownOperation(call);
    const asked = textOf(call.input.StackName) ?? stackName;
    if (asked !== stackName) throw new AwsError('ValidationError', `Stack with id ${asked} does not exist`);
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
