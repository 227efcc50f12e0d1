import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { LocalStack } from '../../local/stack';
import type { Resource } from '../../local/template/resolver';
import { type JsonMap, mapOf, textOf } from '../../local/template/value';

type RequestType = 'Create' | 'Update' | 'Delete';

/** As CloudFormation does when a stack is made, changed and removed: by the functions of CDK that the template names. */
export async function changeCustomResources(stack: LocalStack): Promise<void> {
  for (const resource of stack.template.ofType(/^Custom::/)) {
    for (const type of ['Create', 'Update', 'Delete'] as const) {
      const { Status, Reason } = await request(stack, resource, type);
      if (Status !== 'SUCCESS') throw new Error(`${type} of ${resource.id}: got ${Status} ${Reason}`);
    }
  }
}

/** One change. @returns what CloudFormation is answered. @throws Error when it is answered nothing */
export async function request(stack: LocalStack, resource: Resource, type: RequestType): Promise<JsonMap> {
  const { id, properties } = resource;
  const token = textOf(properties.ServiceToken) ?? '';
  const file = answersOf(stack, token);
  rmSync(file, { force: true });
  await stack.invoke(token, {
    RequestType: type,
    ResponseURL: 'https://cloudformation.example.com/answer',
    StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Proof/1',
    RequestId: `${id}-${type}`,
    LogicalResourceId: id,
    ...(type === 'Create' ? {} : { PhysicalResourceId: id }),
    ResourceProperties: properties,
    ...(type === 'Update' ? { OldResourceProperties: properties } : {}),
  });
  await stack.waitUntilIdle();
  const [answer, ...others] = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  if (answer !== undefined && others.length === 0) return mapOf(JSON.parse(answer));
  throw new Error(`${type} of ${id}: got ${others.length === 0 ? 'no answer' : 'several answers'}; one would do`);
}

/** The file that the function with this ARN, and those it hands over to, write what they answer to. */
function answersOf({ template }: LocalStack, token: string): string {
  const provider = template.ofType('AWS::Lambda::Function').find(({ attributes }) => attributes.Arn === token);
  return textOf(mapOf(mapOf(provider?.properties.Environment).Variables).ANSWERS) ?? '';
}
