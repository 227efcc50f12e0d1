import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { type ClientOptions, configuration } from './clients';
import { awsFailure } from './errors';
import { allPages } from './pages';

/** Something that may be allowed or not. */
export interface Act {
  readonly action: string;
  /** ARN, or `*` where the action has no resource. */
  readonly resource: string;
}

/** What IAM says of an act, and whether a policy says so or none says anything. */
export interface Denial extends Act {
  readonly explicit: boolean;
}

/** The API takes no more at once. */
const MOST_RESOURCES = 50;

/**
 * Which of all actions on all resources somebody may not do, by the policies that they have: identity policies, permissions
 * boundaries, service control policies. What a resource's own policy adds or denies is not among it.
 *
 * @param principal ARN of a user or role
 * @throws EngineError, which is `denied` where whoever asks may not `iam:SimulatePrincipalPolicy`
 */
export async function denials(
  options: ClientOptions,
  principal: string,
  actions: readonly string[],
  resources: readonly string[],
): Promise<readonly Denial[]> {
  const client = new IAMClient(configuration(options, options.region));
  const input = { PolicySourceArn: principal, ActionNames: [...actions], MaxItems: 1000 };
  try {
    const found: Denial[] = [];
    for (let at = 0; at < resources.length; at += MOST_RESOURCES) {
      const ResourceArns = resources.slice(at, at + MOST_RESOURCES);
      const results = await allPages(async (Marker) => {
        const answer = await client.send(new SimulatePrincipalPolicyCommand({ ...input, ResourceArns, Marker }));
        return { items: answer.EvaluationResults ?? [], next: answer.IsTruncated === true ? answer.Marker : undefined };
      });
      for (const { EvalActionName: action = '', EvalResourceName, EvalDecision, ResourceSpecificResults } of results) {
        const each = ResourceSpecificResults?.map((one) => [one.EvalResourceName, one.EvalResourceDecision] as const);
        const all = each === undefined || each.length === 0 ? [[EvalResourceName, EvalDecision] as const] : each;
        for (const [resource = '*', decision] of all) {
          if (decision !== 'allowed') found.push({ action, resource, explicit: decision === 'explicitDeny' });
        }
      }
    }
    return found;
  } catch (cause) {
    throw awsFailure(`simulate the policies of ${principal}`, cause, 'iam:SimulatePrincipalPolicy for you would do');
  } finally {
    client.destroy();
  }
}
