import { InvalidValue } from './invalid';
import { destinationReference } from './mirror';
import { JobParameter, NO_VALUE } from './names';
import { formatReference, isTag, parseReference, type Reference, withDefaultTag } from './reference';
import { parseDestination } from './row-destination';

/** What a worker is asked to do: the work list of a plan (its share, in an array job), or one image by hand. */
export type Job =
  | { readonly kind: 'plan'; readonly plan: string; readonly group: number }
  | { readonly kind: 'single'; readonly source: Reference; readonly destinations: readonly Reference[] };

/** Parameters of a job as a worker gets them: text, several arguments, or what stands for nothing. */
export interface JobArguments {
  readonly plan?: JobArgument;
  readonly source?: JobArgument;
  readonly dest?: JobArgument;
}
export type JobArgument = string | readonly string[] | undefined;

const PLAN = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;
const MOST_GROUPS = 10_000;

/** Parameters for the job of a plan. All are given, because AWS Batch passes on one without a value as `Ref::name`. */
export function planParameters(plan: string): Record<string, string> {
  if (!PLAN.test(plan)) throw badPlan(plan);
  return { [JobParameter.PLAN]: plan, [JobParameter.SOURCE]: NO_VALUE, [JobParameter.DEST]: NO_VALUE };
}

/** Parameters for a job that copies one image. */
export function singleParameters(source: Reference, destinations: readonly Reference[]): Record<string, string> {
  return {
    [JobParameter.PLAN]: NO_VALUE,
    [JobParameter.SOURCE]: formatReference(source),
    [JobParameter.DEST]: destinations.map(formatReference).join(','),
  };
}

/**
 * What the arguments ask for. Destinations are parted by commas or spaces, in one argument or several; one without a
 * tag gets the source's, and `{tag}` stands for it.
 *
 * @param arrayIndex `AWS_BATCH_JOB_ARRAY_INDEX`, which AWS Batch sets for the children of an array job only.
 * @throws InvalidValue
 */
export function parseJobParameters(given: JobArguments, arrayIndex?: string): Job {
  const plans = values(given.plan);
  const sources = values(given.source);
  const dests = values(given.dest);
  const [plan] = plans;
  if (plan !== undefined) {
    if (sources.length > 0 || dests.length > 0) {
      throw new InvalidValue(
        'job',
        [...sources, ...dests],
        'a plan, or a source with its destinations, would do; not both',
      );
    }
    if (plans.length > 1 || !PLAN.test(plan)) throw badPlan(plans.join(' '));
    return { kind: 'plan', plan, group: parseGroup(arrayIndex) };
  }
  return single(sources, dests);
}

/** A name for a job, from any text: at most 128 letters, digits, dashes and underscores. */
export function jobName(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[_-]+/, '')
    .slice(0, 128)
    .replace(/-+$/, '');
  return name === '' ? 'mirror' : name;
}

function single(sources: readonly string[], dests: readonly string[]): Job {
  const [text] = sources;
  if (text === undefined) {
    throw new InvalidValue('source', undefined, 'a plan, or a source with its destinations, would do');
  }
  if (sources.length > 1) throw new InvalidValue('source', sources, 'one source would do');
  if (dests.length === 0) throw new InvalidValue('dest', undefined, 'registry/repository:tag would do, or several');
  const source = withDefaultTag(parseReference(text));
  const destinations = new Map<string, Reference>();
  for (const dest of dests) {
    const reference = destinationReference(parseDestination(dest), source);
    if (reference.tag !== undefined && !isTag(reference.tag)) {
      throw new InvalidValue('dest', dest, 'a tag of at most 128 characters would do');
    }
    const written = formatReference(reference);
    const { digest: _, ...bySourceTag } = source;
    if (written === formatReference(bySourceTag))
      throw new InvalidValue('dest', dest, 'another place than the source would do');
    destinations.set(written, reference);
  }
  return { kind: 'single', source, destinations: [...destinations.values()] };
}

/** The words of an argument; `-`, nothing and the literal `Ref::name` are none. */
function values(argument: JobArgument): readonly string[] {
  const texts = argument === undefined ? [] : [argument].flat();
  return texts
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((word) => word !== '' && word !== NO_VALUE && !/^Ref::[A-Za-z0-9_-]+$/.test(word));
}

function parseGroup(arrayIndex: string | undefined): number {
  if (arrayIndex === undefined || arrayIndex === '') return 0;
  if (/^\d{1,5}$/.test(arrayIndex) && Number(arrayIndex) < MOST_GROUPS) return Number(arrayIndex);
  throw new InvalidValue('array index', arrayIndex, `a number from 0 to ${MOST_GROUPS - 1} would do`);
}

function badPlan(plan: string): InvalidValue {
  return new InvalidValue('plan', plan, 'the id of one plan would do: at most 128 letters, digits and . _ : -');
}
