import { Duration, Stack } from 'aws-cdk-lib';
import { TagStatus } from 'aws-cdk-lib/aws-ecr';
import { lifecycleRules } from '../../lib/lifecycle';
import { lifecycleDocument } from '../../lib/lifecycle-text';
import { printable } from '../../lib/model/invalid';
import { explainRule, parseLifecyclePolicy, removingRule } from '../../lib/model/lifecycle-policy';

const rule = (rulePriority: number, selection: object, action: object = { type: 'expire' }) => ({
  rulePriority,
  selection: { countType: 'imageCountMoreThan', countNumber: 5, ...selection },
  action,
});
const policy = (...rules: object[]) => JSON.stringify({ rules });
const tagged = (...tagPatternList: string[]) => ({ tagStatus: 'tagged', tagPatternList });
const prefixed = (...tagPrefixList: string[]) => ({ tagStatus: 'tagged', tagPrefixList });

describe('the rule that removes the image of a tag', () => {
  const cases: readonly [string, readonly object[], string, number | undefined][] = [
    ['is the one whose prefix the tag has', [rule(1, prefixed('v'))], 'v1', 1],
    ['is none when the prefix is another', [rule(1, prefixed('v'))], '1.27', undefined],
    ['is the one whose pattern the tag matches', [rule(1, tagged('*-alpine'))], '1.27-alpine', 1],
    ['takes stars anywhere', [rule(1, tagged('1.*-*pine'))], '1.27-alpine', 1],
    ['gives no part of a tag to two parts of a pattern', [rule(1, tagged('ab*ba'))], 'aba', undefined],
    ['wants the parts in their order', [rule(1, tagged('*a*b*'))], 'ba', undefined],
    ['takes a pattern without stars as it is', [rule(1, tagged('latest'))], 'latest2', undefined],
    ['wants all of several patterns', [rule(1, tagged('v*', '*-rc'))], 'v1', undefined],
    ['is the first by priority, not by place', [rule(2, tagged('*')), rule(1, prefixed('v'))], 'v1', 1],
    [
      'is not a later one, though the first keeps the image for longer',
      [rule(1, prefixed('v')), rule(2, { tagStatus: 'any' })],
      'v1',
      1,
    ],
    ['may be one for any image', [rule(1, prefixed('v')), rule(2, { tagStatus: 'any' })], '1', 2],
    ['is never one for untagged images', [rule(1, { tagStatus: 'untagged' })], 'v1', undefined],
    ['is none where the image goes to the archive', [rule(1, tagged('*'), { type: 'transition' })], 'v1', undefined],
    [
      'is the one that deletes from the archive, where the image goes there first',
      [rule(1, tagged('*'), { type: 'transition' }), rule(2, { tagStatus: 'any', storageClass: 'archive' })],
      'v1',
      2,
    ],
    [
      'is none for the archive, while the image is not moved there',
      [rule(1, { tagStatus: 'any', storageClass: 'archive' })],
      'v1',
      undefined,
    ],
  ];
  it.each(cases)('%s', (_, rules, tag, priority) => {
    expect(removingRule(parseLifecyclePolicy(policy(...rules)), tag)?.priority).toBe(priority);
  });

  it('is read in no time from patterns and tags that are made to take long', () => {
    const rules = parseLifecyclePolicy(policy(rule(1, tagged(`${'a*'.repeat(60)}b`))));
    expect(removingRule(rules, 'a'.repeat(128))).toBeUndefined();
  });

  it('is found in what the construct writes', () => {
    const stack = new Stack();
    const rules = lifecycleRules({
      keepLast: [{ count: 3, prefix: 'v' }],
      lifecycleRules: [{ tagStatus: TagStatus.ANY, maxImageAge: Duration.days(90) }],
    });
    const written = parseLifecyclePolicy(JSON.stringify(stack.resolve(lifecycleDocument(rules))));
    expect(removingRule(written, 'v1')).toMatchObject({ count: 3 });
    expect(removingRule(written, '1.27')).toMatchObject({ count: 90, countType: 'sinceImagePushed' });
  });
});

describe('what is no lifecycle policy', () => {
  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"rules":{}}',
    '{"rules":[null,1,{"rulePriority":1}]}',
    '{"rules":[{"selection":{}}]}',
  ])('has no rules: %s', (text) => expect(parseLifecyclePolicy(text)).toEqual([]));
});

describe('a rule in words', () => {
  const words = (selection: object, description?: string) => {
    const [found] = parseLifecyclePolicy(policy({ ...rule(3, selection), ...(description && { description }) }));
    if (found === undefined) throw new Error('no rule');
    return explainRule(found);
  };

  it('says how many it keeps, of which tags, and that a narrower selection or a greater count would do', () => {
    expect(words(prefixed('v'), 'The last 5 of v')).toEqual({
      keeps: 'rule 3 ("The last 5 of v") keeps the newest 5 images with tags v*',
      remedy: 'a selection of at most 5 there (Latest: 5), or a greater count in that rule',
    });
    expect(words({ tagStatus: 'any', countNumber: 1 }).keeps).toBe('rule 3 keeps the newest image');
  });

  it.each([
    ['sinceImagePushed', 14, 'for 14 days after they were pushed'],
    ['sinceImagePulled', 1, 'for 1 day after they were last pulled'],
    ['sinceImageTransitioned', 90, 'for 90 days after they went to the archive'],
  ])('says how long it keeps them: %s', (countType, countNumber, said) => {
    const { keeps, remedy } = words({ tagStatus: 'any', countType, countNumber });
    expect(keeps).toBe(`rule 3 keeps images ${said}`);
    expect(remedy).toMatch(/more days/);
  });

  it('lets no description drive a terminal', () => {
    const { keeps } = words({ tagStatus: 'any' }, 'red\u001b[31m\nand more');
    expect(keeps).toContain('red');
    expect(keeps).toBe(printable(keeps));
  });
});
