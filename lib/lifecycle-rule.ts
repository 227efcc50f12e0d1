import { Token } from 'aws-cdk-lib';
import { type LifecycleRule, TagStatus } from 'aws-cdk-lib/aws-ecr';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';

/** Of one pattern (Amazon ECR, lifecycle policies). */
const MOST_WILDCARDS = 4;

export interface PlacedRule {
  readonly rule: LifecycleRule;
  /** For messages. */
  readonly place: string;
}

/** @throws Error for a rule that is wrong by itself. */
export function checkRule({ place, rule }: PlacedRule): void {
  if (rule.tagStatus === TagStatus.UNTAGGED) {
    throw new PropsInvalid(
      `${place}: got a rule for untagged images, of which a repository takes one; untaggedAfter would do`,
    );
  }
  checkShape({ place, rule });
  for (const [what, list] of [
    ['prefixes', rule.tagPrefixList],
    ['patterns', rule.tagPatternList],
  ] as const) {
    if (list === undefined || Token.isUnresolved(list)) continue;
    if (list.length > 1) {
      throw new PropsInvalid(
        `${place}: got the ${what} ${list.map(show).join(', ')} in one rule, which takes only images with tags of all of them; a rule for each would do`,
      );
    }
    for (const text of list) checkPattern(place, text, what === 'prefixes');
  }
}

/** CDK asks for the same, of repositories alone. */
function checkShape({ place, rule }: PlacedRule): void {
  const { tagStatus, tagPrefixList, tagPatternList, maxImageAge, maxImageCount } = rule;
  if (tagPrefixList !== undefined && tagPatternList !== undefined)
    throw new PropsInvalid(`${place}: got a tagPrefixList and a tagPatternList; one of them would do`);
  const tags = tagPrefixList ?? tagPatternList;
  if (tags === undefined ? tagStatus === TagStatus.TAGGED : tags.length === 0)
    throw new PropsInvalid(`${place}: got tagged images without saying which; tagPatternList: ['*'] would do for all`);
  if (tags !== undefined && tagStatus === TagStatus.ANY)
    throw new PropsInvalid(`${place}: got tags for images with any tag or none; TagStatus.TAGGED would do`);
  if ((maxImageAge === undefined) === (maxImageCount === undefined)) {
    const got = maxImageAge === undefined ? 'neither' : 'both';
    throw new PropsInvalid(`${place}: got ${got} of maxImageAge and maxImageCount; one of them would do`);
  }
}

function checkPattern(place: string, text: string, isPrefix: boolean): void {
  if (Token.isUnresolved(text)) return;
  const possible = isPrefix ? /^\w[\w.-]{0,127}$/ : /^[\w*][\w.*-]{0,127}$/;
  if (!possible.test(text)) {
    const would = isPrefix && text.includes('*') ? 'a prefix without *, or a pattern,' : 'what a tag can begin with';
    throw new PropsInvalid(`${place}: got ${show(text)}, which no tag can match; ${would} would do`);
  }
  const wildcards = text.split('*').length - 1;
  if (wildcards > MOST_WILDCARDS) {
    throw new PropsInvalid(
      `${place}: got ${show(text)} with ${wildcards} wildcards; at most ${MOST_WILDCARDS} would do`,
    );
  }
}
