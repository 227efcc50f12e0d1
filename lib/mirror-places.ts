import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkRoles } from './account-role';
import { grantDestinations, grantRoles, grantSources, grantTokens, type Parties, type Places } from './ecr-access';
import type { EcrMirrorProps } from './ecr-mirror-props';
import { checkAliases, checkMappings, checkPrefix } from './mirrored-image';
import { DEFAULT_PREFIX, type DestinationMapping, prefixesOf } from './model/mapping';
import type { OutwardPair, Permissions } from './model/permissions';
import type { RoleSetting } from './model/settings';
import { ecrPlace, ecrRepositoryArns, ownRegistry } from './own-registry';
import { checkPattern, checkPatterns, splitPattern } from './patterns';
import { PropsInvalid } from './props-invalid';

/** Where a mirror copies from and to: what rows may ask for, and the same as policies. */
export class MirrorPlaces {
  /** Host of the stack's own Amazon ECR. */
  readonly registry: string;
  readonly mapping: DestinationMapping;
  readonly roles: readonly RoleSetting[];
  private readonly sources: readonly string[];
  private readonly destinations: readonly string[];
  /** Repositories that are declared, as far as `destinations` does not cover them. */
  private readonly declared: string[] = [];
  private readonly outward: readonly OutwardPair[];

  /** @throws Error naming the prop, what was got and what would do. */
  constructor(
    private readonly scope: Construct,
    props: EcrMirrorProps,
  ) {
    this.registry = ownRegistry(scope);
    this.mapping = readMapping(this.registry, props);
    this.sources = checkPatterns('allowedSources', props.allowedSources ?? ['**']);
    this.destinations = checkPatterns('allowedDestinations', props.allowedDestinations ?? this.ownPatterns());
    this.outward = readOutward(props.outward ?? []);
    this.roles = checkRoles(scope, props.accountRoles ?? []);
  }

  get prefixes(): readonly string[] {
    return prefixesOf(this.mapping);
  }

  get permissions(): Permissions {
    const { sources, outward, declared } = this;
    // A list that is known at deployment only takes no more, and its elements cannot be told apart.
    const destinations = declared.length === 0 ? this.destinations : [...this.destinations, ...declared];
    return { sources, destinations, outward };
  }

  /** What lies under the prefixes of the own registry. */
  ownPatterns(): string[] {
    return this.prefixes.map((prefix) => `${this.registry}/${prefix}/**`);
  }

  /** Lets both ask for tokens and take the roles of other accounts. */
  grantAccess(parties: Parties): void {
    grantTokens(parties);
    grantRoles(
      parties,
      this.roles.map(({ roleArn }) => roleArn),
    );
  }

  /** Lets both do with the repositories of all places what copying takes. */
  grantRepositories(parties: Parties): void {
    this.warnOfUnknown('allowedSources', this.sources);
    this.warnOfUnknown('allowedDestinations', this.destinations);
    grantSources(this.scope, parties, this.places([...this.sources, ...this.outward.map(({ from }) => from)]));
    grantDestinations(this.scope, parties, this.places([...this.destinations, ...this.outward.map(({ to }) => to)]));
  }

  /** A repository that is declared may be written whatever the patterns say. */
  allowDestination(repositoryName: string, parties: Parties): void {
    const pattern = `${this.registry}/${repositoryName}`;
    const covered = this.ownPatterns().some(
      (own) => pattern.startsWith(own.slice(0, -'**'.length)) && this.destinations.includes(own),
    );
    if (covered || this.destinations.includes(pattern) || this.declared.includes(pattern)) return;
    if (Token.isUnresolved(this.destinations)) {
      throw new PropsInvalid(
        'allowedDestinations: got a list that is known at deployment only, beside images declared here; a list of patterns, each of which may be, would do',
      );
    }
    this.declared.push(pattern);
    grantDestinations(this.scope, parties, this.places([pattern]));
  }

  /** ARNs under which repositories may be created: where rows may copy to, as far as it is the stack's own and under a prefix. */
  creatable(): string[] {
    const { account } = Stack.of(this.scope);
    return [
      ...new Set(this.creatablePatterns().flatMap((one) => ecrRepositoryArns(this.scope, one, { only: account }))),
    ];
  }

  /** Regions other than the stack's own in which repositories may be created; `*` where a pattern leaves it open. */
  otherRegions(): string[] {
    const own = Stack.of(this.scope).region;
    const regions = this.creatablePatterns().flatMap(
      (pattern) => ecrPlace(splitPattern(pattern).registry)?.region ?? [],
    );
    return [...new Set(regions)].filter((region) => region !== own && !Token.isUnresolved(region));
  }

  private creatablePatterns(): string[] {
    return [...this.permissions.destinations, ...this.outward.map(({ to }) => to)].flatMap((pattern) => {
      const { registry, name } = splitPattern(pattern);
      return this.prefixes.flatMap((prefix) => overlap(name, `${prefix}/`)).map((one) => `${registry}/${one}`);
    });
  }

  /** Rows may ask for them, and the policies do not allow it. */
  private warnOfUnknown(prop: string, patterns: readonly string[]): void {
    const known = (pattern: string) => !Token.isUnresolved(pattern) || pattern.includes('/');
    if (!Token.isUnresolved(patterns) && patterns.every(known)) return;
    Annotations.of(this.scope).addWarningV2(
      `cdk-ecr-mirror:${prop}`,
      `${prop}: got patterns that are known at deployment only, of which no policy can be made: they give no access to Amazon ECR; <account>.dkr.ecr.<region>.<suffix>/… would do, in which each may be known at deployment only`,
    );
  }

  private places(patterns: readonly string[]): Places {
    return { patterns, accountsByRole: this.roles.map(({ account }) => account) };
  }
}

/** What of a pattern of names lies under a prefix: the pattern, all that is there, or nothing. */
function overlap(name: string, prefix: string): string[] {
  const begins = name.replace(/\*.*$/, '');
  if (begins.startsWith(prefix)) return [name];
  return begins !== name && prefix.startsWith(begins) ? [`${prefix}**`] : [];
}

function readMapping(registry: string, props: EcrMirrorProps): DestinationMapping {
  const { prefix, registryAliases, registryMappings, dropLibrary } = props;
  return {
    registry,
    prefix: checkPrefix(prefix ?? DEFAULT_PREFIX),
    ...(registryAliases === undefined ? {} : { aliases: checkAliases(registryAliases) }),
    ...(dropLibrary === undefined ? {} : { dropLibrary }),
    ...(registryMappings === undefined ? {} : { registries: checkMappings(registryMappings) }),
  };
}

function readOutward(pairs: readonly OutwardPair[]): OutwardPair[] {
  return pairs.map(({ from, to }, index) => ({
    from: checkPattern(`outward[${index}].from`, from),
    to: checkPattern(`outward[${index}].to`, to),
  }));
}
