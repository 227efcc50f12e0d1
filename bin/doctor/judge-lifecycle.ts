import { explainRule, type LifecycleRule, parseLifecyclePolicy, removingRule } from '../../lib/model/lifecycle-policy';
import { formatRepository } from '../../lib/model/reference';
import { type Finding, warning, wrong } from './finding';
import { type DestinationPlace, tagWritten } from './places';

/** Stands for the tags of a selection, which are not listed for this. */
const SOME_TAG = '1.0.0';

/** What of a row a rule takes. */
interface Taken {
  readonly key: string;
  /** How many tags; undefined for a selection without a bound. */
  readonly tags: number | undefined;
}

/** Rules of a repository's lifecycle policy that delete what rows keep there: it would be put back, and deleted again. */
export function judgeLifecycle({ repository, rows }: DestinationPlace, policy: string): readonly Finding[] {
  const rules = parseLifecyclePolicy(policy);
  const taken = new Map<LifecycleRule, Taken[]>();
  for (const row of rows) {
    const { key, select } = row.mirror;
    const rule = removingRule(rules, tagWritten(row) ?? SOME_TAG);
    if (rule === undefined) continue;
    const tags = select.kind === 'tags' ? select.selection.latest : 1;
    taken.set(rule, [...(taken.get(rule) ?? []), { key, tags }]);
  }
  const place = formatRepository(repository);
  return [...taken].flatMap(([rule, some]) => judgeRule(place, rule, some) ?? []);
}

function judgeRule(place: string, rule: LifecycleRule, taken: readonly Taken[]): Finding | undefined {
  const { keeps, remedy } = explainRule(rule);
  const keys = taken.map(({ key }) => key).join(', ');
  if (rule.countType !== 'imageCountMoreThan') {
    // What is pulled stays; what is pushed does not.
    const judge = rule.countType === 'sinceImagePushed' ? wrong : warning;
    return judge('DOCTOR-LIFECYCLE', place, `${keeps}, whatever ${keys} asks for`, remedy);
  }
  const unbound = taken.filter(({ tags }) => tags === undefined);
  const wanted = taken.reduce((sum, { tags }) => sum + (tags ?? 0), 0);
  if (wanted > rule.count) {
    return wrong('DOCTOR-LIFECYCLE', place, `${keeps}, and ${keys} ask for ${wanted}`, remedy);
  }
  if (unbound.length === 0) return undefined;
  const which = unbound.map(({ key }) => key).join(', ');
  return warning('DOCTOR-LIFECYCLE', place, `${keeps}, and ${which} may select more`, remedy);
}
