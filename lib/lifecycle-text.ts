import { Stack } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-ecr';
import type { IConstruct } from 'constructs';

/** Lifecycle rules as Amazon ECR writes them: CDK writes them for repositories alone. */
export function lifecycleText(scope: IConstruct, rules: readonly LifecycleRule[]): string {
  const text = rules.map((rule, index) => ({
    rulePriority: index + 1,
    description: rule.description,
    selection: {
      tagStatus: rule.tagStatus ?? ((rule.tagPrefixList ?? rule.tagPatternList) ? 'tagged' : 'any'),
      tagPrefixList: rule.tagPrefixList,
      tagPatternList: rule.tagPatternList,
      ...(rule.maxImageAge === undefined
        ? { countType: 'imageCountMoreThan', countNumber: rule.maxImageCount }
        : { countType: 'sinceImagePushed', countNumber: rule.maxImageAge.toDays(), countUnit: 'days' }),
    },
    action: { type: 'expire' },
  }));
  return Stack.of(scope).toJsonString({ rules: text });
}
