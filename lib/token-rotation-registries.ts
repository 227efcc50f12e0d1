import { Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';
import { parseEcrHost } from './model/ecr-host';
import { show } from './model/invalid';
import type { RotatedRegistry } from './model/token-rotation/settings';
import { ecrPlace, ownRegistry } from './own-registry';
import { checkPatterns, splitPattern } from './patterns';
import { PropsInvalid } from './props-invalid';

/**
 * The registries that patterns of repositories name.
 *
 * @throws Error for a pattern that is not of one registry of Amazon ECR, or of one in another partition than the stack's
 */
export function registriesOf(scope: IConstruct, patterns: readonly string[]): readonly RotatedRegistry[] {
  checkPatterns('repositories', patterns);
  return patterns.map((pattern, index) => {
    const { registry } = splitPattern(pattern);
    const problem = problemOf(scope, registry);
    if (problem !== undefined) throw new PropsInvalid(`repositories[${index}]: got ${show(pattern)}, ${problem}`);
    return registryOf(registry);
  });
}

/** The stack's own registry. Its account and region may be known at deployment only. */
export function registryOfStack(scope: IConstruct): RotatedRegistry {
  return registryOf(ownRegistry(scope));
}

function registryOf(registry: string): RotatedRegistry {
  const region = ecrPlace(registry)?.region ?? '';
  const suffix = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).domainSuffix;
  // The suffix of a region that is known is known, whatever it is called: so a host is named once.
  const host = suffix === undefined ? registry : registry.replace(/\$\{Token\[[^\]]*\]\}$/, suffix);
  return { host, region, fips: host.includes('ecr-fips.') };
}

function problemOf(scope: IConstruct, registry: string): string | undefined {
  if (ecrPlace(registry) === undefined || registry.includes('*')) {
    return `which is not of one registry of Amazon ECR; ${exampleOf(scope)}/team/** would do`;
  }
  const { region } = Stack.of(scope);
  const there = parseEcrHost(registry)?.partition;
  const here = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  if (there === undefined || here === undefined || there === here) return undefined;
  return `of the partition ${there}, for which a role of ${here} gets no token; a stack in a region of it would do`;
}

function exampleOf(scope: IConstruct): string {
  const { host } = registryOfStack(scope);
  return Token.isUnresolved(host) ? '123456789012.dkr.ecr.eu-west-1.amazonaws.com' : host;
}
