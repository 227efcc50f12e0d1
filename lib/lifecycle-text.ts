import { Stack } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-ecr';
import type { IConstruct } from 'constructs';

/** Lifecycle rules as Amazon ECR writes them: CDK writes them for repositories alone. */
export function lifecycleText(scope: IConstruct, rules: readonly LifecycleRule[]): string {
  return Stack.of(scope).toJsonString(lifecycleDocument(rules));
}

/** The same as a document, for where it is a part of another. */
export function lifecycleDocument(rules: readonly LifecycleRule[]): object {
  const written = rules.map((rule, index) => ({
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
  return { rules: written };
}
