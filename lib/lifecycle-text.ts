import { Stack, Token } from 'aws-cdk-lib';
import type { LifecycleRule } from 'aws-cdk-lib/aws-ecr';
import type { IConstruct } from 'constructs';

/** Lifecycle rules as Amazon ECR writes them: CDK writes them for repositories alone. */
export function lifecycleText(scope: IConstruct, rules: readonly LifecycleRule[]): string {
  return Stack.of(scope).toJsonString(lifecycleDocument(rules));
}

/** A policy as CDK writes it, into which values that are known at deployment only went as if they were known. */
export function rewrittenText(scope: IConstruct, text: string): string {
  return Stack.of(scope).toJsonString(
    JSON.parse(text, (key, value) => (isIntrinsic(value) ? asToken(key, value) : value)),
  );
}

function isIntrinsic(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const [name = '', ...others] = Object.keys(value);
  return others.length === 0 && /^(?:Ref$|Fn::)/.test(name);
}

/** Of the type that it has in a policy: numbers and lists are written without quotes. */
function asToken(key: string, value: unknown): unknown {
  if (key === 'countNumber') return Token.asNumber(value);
  return key === 'tagPrefixList' || key === 'tagPatternList' ? Token.asList(value) : Token.asString(value);
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
