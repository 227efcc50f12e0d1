import { Duration, Token } from 'aws-cdk-lib';
import { type LifecycleRule, TagStatus } from 'aws-cdk-lib/aws-ecr';
import { checkRule, type PlacedRule } from './lifecycle-rule';
import { show } from './model/invalid';
import { PREVIOUS_PREFIX } from './model/own-tags';
import { PropsInvalid } from './props-invalid';
import { covers } from './tag-form';

/** How many images of a kind are kept; older ones expire. */
export interface KeepLast {
  /** How many of them. */
  readonly count: number;

  /**
   * Which images: those with a tag that begins so.
   *
   * @default - every tagged image that no other `keepLast` names; signatures that are kept under tags of their own count too
   */
  readonly prefix?: string;
}

export interface Lifecycle {
  readonly untaggedAfter?: Duration;
  readonly keepLast?: KeepLast[];
  readonly lifecycleRules?: LifecycleRule[];
  readonly previousImages?: number;
}

const UNTAGGED_AFTER = Duration.days(14);
const PREVIOUS_IMAGES = 50;

/**
 * The rules of a repository: one for images that are kept from before their tags moved, before all others, because an image belongs
 * to the first rule that it matches; one for each prefix, the longest first; then the user's own; then untagged images; a rule for any
 * images is the last, as Amazon ECR wants it.
 *
 * @throws Error naming the prop, what was got and what would do, for rules that cannot do what they say.
 */
export function lifecycleRules({
  untaggedAfter,
  keepLast = [],
  lifecycleRules = [],
  previousImages,
}: Lifecycle): LifecycleRule[] {
  const kept = sortKept(keepLast);
  // Of tags that move seldom beside others that move often, more may have to be kept.
  const ofSomeTags = kept.filter(isForPrevious).map(keptRule);
  const others = kept.filter((one) => !isForPrevious(one)).map(keptRule);
  const tagged = [...ofSomeTags, previousRule(previousImages), ...others, ...byPriority(lifecycleRules)];
  for (const one of tagged) checkRule(one);
  checkOrder(tagged);
  const rules = [...tagged.map(({ rule }) => rule), untaggedRule(untaggedAfter ?? UNTAGGED_AFTER)];
  return [...rules.filter((rule) => !isForAny(rule)), ...rules.filter(isForAny)];
}

function isForAny({ tagStatus, tagPrefixList, tagPatternList }: LifecycleRule): boolean {
  return tagStatus === TagStatus.ANY || (tagStatus ?? tagPrefixList ?? tagPatternList) === undefined;
}

/** The longest prefix first. */
export function sortKept(keepLast: readonly KeepLast[]): readonly KeepLast[] {
  return [...keepLast].sort((a, b) => (b.prefix ?? '').length - (a.prefix ?? '').length);
}

/** @throws Error for what is said in another way */
function isForPrevious({ prefix }: KeepLast): boolean {
  if (prefix === PREVIOUS_PREFIX)
    throw new PropsInvalid(
      `${keptPlace(prefix)}: got the tags of images kept from before a tag moved; previousImages would do`,
    );
  return !Token.isUnresolved(prefix) && (prefix?.startsWith(PREVIOUS_PREFIX) ?? false);
}

function previousRule(count = PREVIOUS_IMAGES): PlacedRule {
  checkCount('previousImages', count, '');
  return {
    place: 'previousImages',
    rule: {
      description: `The last ${countText(count)} that tags held before they moved`,
      tagStatus: TagStatus.TAGGED,
      maxImageCount: count,
      tagPrefixList: [PREVIOUS_PREFIX],
    },
  };
}

function checkCount(place: string, count: number, what: string): void {
  if (Token.isUnresolved(count) || (Number.isInteger(count) && count >= 1)) return;
  throw new PropsInvalid(`${place}: got ${what}${count}; a whole number of at least 1 would do`);
}

function countText(count: number): string {
  return Token.isUnresolved(count) ? Token.asString(count) : String(count);
}

function keptRule({ count, prefix }: KeepLast): PlacedRule {
  const place = keptPlace(prefix);
  checkCount(place, count, 'the count ');
  const which = prefix === undefined ? { tagPatternList: ['*'] } : { tagPrefixList: [prefix] };
  const last = `The last ${countText(count)}`;
  const description = prefix === undefined ? last : `${last} of ${prefix}`;
  return { place, rule: { description, tagStatus: TagStatus.TAGGED, maxImageCount: count, ...which } };
}

/** How messages name a `keepLast`. */
export function keptPlace(prefix: string | undefined): string {
  return prefix === undefined ? 'keepLast' : `keepLast ${show(prefix)}`;
}

function untaggedRule(maxImageAge: Duration): LifecycleRule {
  if (!maxImageAge.isUnresolved() && maxImageAge.toDays({ integral: false }) < 1) {
    throw new PropsInvalid(`untaggedAfter: got ${maxImageAge.toHumanString()}; a day or more would do`);
  }
  return { description: 'What no tag leads to any more', tagStatus: TagStatus.UNTAGGED, maxImageAge };
}

/** As Amazon ECR reads them: by priority, those without one after those that have one. */
function byPriority(rules: readonly LifecycleRule[]): PlacedRule[] {
  const priority = ({ rule }: { readonly rule: LifecycleRule }) => rule.rulePriority ?? Number.MAX_SAFE_INTEGER;
  return rules
    .map((rule, index) => ({ rule, place: `lifecycleRules[${index}]` }))
    .sort((a, b) => priority(a) - priority(b))
    .map(({ rule: { rulePriority: _, ...rule }, place }) => ({ rule, place }));
}

/** An image belongs to the first rule whose tags it has, and none after it. @throws Error for a rule that gets no image. */
function checkOrder(rules: readonly PlacedRule[]): void {
  rules.forEach(({ rule, place }, index) => {
    const narrow = patternsOf(rule);
    const before = rules
      .slice(0, index)
      .find(({ rule: earlier }) =>
        patternsOf(earlier).some((wide) => narrow.length > 0 && narrow.every((one) => covers(wide, one))),
      );
    if (before === undefined) return;
    throw new PropsInvalid(
      `${place}: got ${show(narrow[0])}, all of whose images belong to ${before.place} before it; this rule can never match, without it would do`,
    );
  });
}

/** What a rule's tags match; nothing where it cannot be known. */
export function patternsOf({ tagPrefixList, tagPatternList, tagStatus }: LifecycleRule): readonly string[] {
  const patterns = [...(tagPrefixList ?? []).map((prefix) => `${prefix}*`), ...(tagPatternList ?? [])];
  if (Token.isUnresolved(tagPrefixList) || Token.isUnresolved(tagPatternList) || Token.isUnresolved(patterns))
    return [];
  if (patterns.some((one) => Token.isUnresolved(one))) return [];
  return patterns.length > 0 || tagStatus === TagStatus.TAGGED ? patterns : ['*'];
}
