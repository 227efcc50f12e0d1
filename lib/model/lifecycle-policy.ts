import { printable, show } from './invalid';
import { isMap } from './row-reader';

/** A rule of a repository's lifecycle policy, as far as it tells which images it takes. */
export interface LifecycleRule {
  /** The lower, the earlier. */
  readonly priority: number;
  readonly description?: string;
  readonly status: 'tagged' | 'untagged' | 'any';
  /** An image has a tag for each of them. */
  readonly patterns: readonly string[];
  /** Of which images: those that can be pulled, or those in the archive. */
  readonly storageClass: 'standard' | 'archive';
  /** `imageCountMoreThan`, `sinceImagePushed`, `sinceImagePulled` or `sinceImageTransitioned`. */
  readonly countType: string;
  readonly count: number;
  /** `transition` moves it to the archive. */
  readonly action: 'expire' | 'transition';
}

/** Rules in the order in which Amazon ECR reads them. What is no rule is left out: the text comes from Amazon ECR, which has checked it. */
export function parseLifecyclePolicy(text: string): readonly LifecycleRule[] {
  const document = parseJson(text);
  const rules = isMap(document) && Array.isArray(document.rules) ? document.rules : [];
  return rules.flatMap((rule) => readRule(rule) ?? []).sort((a, b) => a.priority - b.priority);
}

function readRule(rule: unknown): LifecycleRule | undefined {
  if (!isMap(rule) || !isMap(rule.selection) || !isMap(rule.action)) return undefined;
  const { rulePriority, description, selection, action } = rule;
  const { tagStatus, tagPrefixList, tagPatternList, storageClass, countType, countNumber } = selection;
  const status = (['tagged', 'untagged', 'any'] as const).find((one) => one === tagStatus);
  if (status === undefined || typeof rulePriority !== 'number' || typeof countNumber !== 'number') return undefined;
  return {
    priority: rulePriority,
    ...(typeof description === 'string' && description !== '' ? { description } : {}),
    status,
    patterns: [...textsOf(tagPrefixList).map((prefix) => `${prefix}*`), ...textsOf(tagPatternList)],
    storageClass: storageClass === 'archive' ? 'archive' : 'standard',
    countType: String(countType),
    count: countNumber,
    action: action.type === 'transition' ? 'transition' : 'expire',
  };
}

/**
 * Which rule would remove the image of a tag, if any: an image belongs to the first rule that its tag matches, and to none after
 * it. One that is moved to the archive belongs to the rules for the archive then.
 */
export function removingRule(rules: readonly LifecycleRule[], tag: string): LifecycleRule | undefined {
  const first = rules.find((rule) => rule.storageClass === 'standard' && takes(rule, tag));
  if (first?.action !== 'transition') return first;
  return rules.find((rule) => rule.storageClass === 'archive' && rule.action === 'expire' && takes(rule, tag));
}

function takes({ status, patterns }: LifecycleRule, tag: string): boolean {
  if (status !== 'tagged') return status === 'any';
  return patterns.length > 0 && patterns.every((pattern) => matchesStars(pattern, tag));
}

/** `*` stands for any text, as in all patterns of Amazon ECR. Each part is placed as far left as it goes, so that no text takes long. */
export function matchesStars(pattern: string, tag: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return tag === first;
  if (!tag.startsWith(first) || tag.length < first.length + last.length || !tag.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = tag.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= tag.length - last.length;
}

/** What a rule keeps and what would keep more, for people: `rule 2 ("The last 5") keeps 5 images; …`. */
export function explainRule(rule: LifecycleRule): { readonly keeps: string; readonly remedy: string } {
  const { priority, description, patterns, countType, count } = rule;
  const name = description === undefined ? `rule ${priority}` : `rule ${priority} (${show(description)})`;
  const which = patterns.length === 0 ? '' : ` with tags ${printable(patterns.join(' and '))}`;
  const days = `${count} ${count === 1 ? 'day' : 'days'}`;
  if (countType === 'imageCountMoreThan') {
    const images = count === 1 ? 'the newest image' : `the newest ${count} images`;
    return {
      keeps: `${name} keeps ${images}${which}`,
      remedy: `a selection of at most ${count} there (Latest: ${count}), or a greater count in that rule`,
    };
  }
  const since = SINCE[countType] ?? 'they were pushed';
  return {
    keeps: `${name} keeps images${which} for ${days} after ${since}`,
    remedy: 'a row that does not ask for it, or more days in that rule',
  };
}

const SINCE: Readonly<Record<string, string>> = {
  sinceImagePushed: 'they were pushed',
  sinceImagePulled: 'they were last pulled',
  sinceImageTransitioned: 'they went to the archive',
};

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
