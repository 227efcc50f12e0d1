import { CloudFormationClient, GetTemplateCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { type ClientOptions, configuration } from './clients';
import { awsFailure } from './errors';
import { allPages } from './pages';

/** What was deployed: the template, and what became of each resource in it. */
export interface StackTemplate {
  /** As it was deployed, with its intrinsics: JSON or YAML. */
  readonly text: string;
  /** Physical ids by logical ones. */
  readonly ids: ReadonlyMap<string, string>;
}

/** @param stack name or ARN. @throws EngineError */
export async function readStackTemplate(options: ClientOptions, stack: string): Promise<StackTemplate> {
  const client = new CloudFormationClient(configuration(options, options.region));
  try {
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: stack, TemplateStage: 'Original' }));
    const resources = await allPages(async (NextToken) => {
      const answer = await client.send(new ListStackResourcesCommand({ StackName: stack, NextToken }));
      return { items: answer.StackResourceSummaries ?? [], next: answer.NextToken };
    });
    const ids = resources.flatMap(({ LogicalResourceId, PhysicalResourceId }) =>
      LogicalResourceId === undefined || PhysicalResourceId === undefined
        ? []
        : [[LogicalResourceId, PhysicalResourceId] as const],
    );
    return { text: TemplateBody ?? '{}', ids: new Map(ids) };
  } catch (cause) {
    const remedy = 'cloudformation:GetTemplate and cloudformation:ListStackResources for you would do';
    throw awsFailure(`template of stack ${stack}`, cause, remedy);
  } finally {
    client.destroy();
  }
}
