import { type Duration, Token } from 'aws-cdk-lib';
import type { ImageComparison } from './image-comparison';
import { show } from './model/invalid';
import { type DestinationMapping, mapRepository } from './model/mapping';
import { matchesPattern } from './model/permissions';
import { formatReference, formatRepository, parseReference, parseRepository, withDefaultTag } from './model/reference';
import type { OnConflict } from './on-conflict';
import { PropsInvalid } from './props-invalid';
import type { SignatureRequirement } from './signature-requirement';
import type { TagSelection } from './tag-selection';

/** An image that is mirrored into the stack's own Amazon ECR. */
export interface MirroredImage {
  /**
   * What to mirror: `registry/repository:tag`, `registry/repository@sha256:…`, or `registry/repository` with `tags`. Docker's
   * short names are understood: `nginx` is `docker.io/library/nginx`. Without tag, digest and `tags`: `latest`.
   */
  readonly source: string;

  /**
   * Which tags of the source repository.
   *
   * @default - the one that `source` names
   */
  readonly tags?: TagSelection;

  /**
   * Only these platforms, such as `linux/amd64` and `linux/arm64`. Of one, its own manifest is mirrored, which AWS Lambda asks
   * for; of several, an index that holds just them. A platform that an image has not makes its copy fail.
   *
   * @default - all that the image has, bit for bit
   */
  readonly platforms?: string[];

  /**
   * When an image that the destination holds counts as the source's.
   *
   * @default ImageComparison.MANIFEST
   */
  readonly compare?: ImageComparison;

  /**
   * For how long a digest has to be known to this mirror before it is mirrored, at most 90 days: of a tag that moves, the newest
   * digest that is old enough is mirrored. `waitForImages` does not wait for what is too young.
   *
   * @default - it is mirrored at once
   */
  readonly minAge?: Duration;

  /**
   * Whether the image that a tag holds gets a tag of its own, `prev-<tag>-<yyyymmdd>`, before the tag moves: so that who runs it by
   * its digest can still pull it. `previousImages` of the repository says how many are kept.
   *
   * @default false
   */
  readonly keepPrevious?: boolean;

  /**
   * What becomes of an image whose tag is immutable at the destination and holds another.
   *
   * @default OnConflict.REPORT
   */
  readonly onConflict?: OnConflict;

  /**
   * Who must have signed it: an image that they have not signed is not mirrored.
   *
   * @default - nobody
   */
  readonly requireSignature?: SignatureRequirement;

  /**
   * How long a copy may not be what its source is: beyond, it counts as overdue (`metricOverdue`, the alarm on it, and
   * `ecr-mirror status`). Whole seconds, at most 90 days.
   *
   * @default - a day, for `status` alone
   */
  readonly staleAfter?: Duration;

  /**
   * Name of the repository in the own registry.
   *
   * @default - as `prefix`, `registryAliases` and `dropLibrary` say: `mirror/docker-hub/library/nginx`
   */
  readonly repositoryName?: string;
}

/** A mirror of any source in any places. */
export interface DeclaredMirror {
  /** What to mirror, as in `MirroredImage`. It is the row's key. */
  readonly source: string;

  /**
   * Which tags of the source repository.
   *
   * @default - the one that `source` names
   */
  readonly tags?: TagSelection;

  /**
   * Only these platforms, such as `linux/amd64` and `linux/arm64`. Of one, its own manifest is mirrored, which AWS Lambda asks
   * for; of several, an index that holds just them. A platform that an image has not makes its copy fail.
   *
   * @default - all that the image has, bit for bit
   */
  readonly platforms?: string[];

  /**
   * When an image that the destination holds counts as the source's.
   *
   * @default ImageComparison.MANIFEST
   */
  readonly compare?: ImageComparison;

  /**
   * For how long a digest has to be known to this mirror before it is mirrored, at most 90 days: of a tag that moves, the newest
   * digest that is old enough is mirrored. `waitForImages` does not wait for what is too young.
   *
   * @default - it is mirrored at once
   */
  readonly minAge?: Duration;

  /**
   * Whether the image that a tag holds gets a tag of its own, `prev-<tag>-<yyyymmdd>`, before the tag moves: so that who runs it by
   * its digest can still pull it. `previousImages` of the repository says how many are kept.
   *
   * @default false
   */
  readonly keepPrevious?: boolean;

  /**
   * What becomes of an image whose tag is immutable at the destination and holds another.
   *
   * @default OnConflict.REPORT
   */
  readonly onConflict?: OnConflict;

  /**
   * Who must have signed it: an image that they have not signed is not mirrored.
   *
   * @default - nobody
   */
  readonly requireSignature?: SignatureRequirement;

  /**
   * How long a copy may not be what its source is: beyond, it counts as overdue (`metricOverdue`, the alarm on it, and
   * `ecr-mirror status`). Whole seconds, at most 90 days.
   *
   * @default - a day, for `status` alone
   */
  readonly staleAfter?: Duration;

  /**
   * Where to: `registry/repository`, which keeps the source's tags, or `registry/repository:tag`, in which `{tag}` stands for the
   * source's. Their repositories have to be there.
   */
  readonly destinations: string[];
}

/** When and how the tags of a declared image may move. */
export function policiesOf({
  minAge,
  keepPrevious,
  onConflict,
}: MirroredImage | DeclaredMirror): Pick<MirroredImage, 'minAge' | 'keepPrevious' | 'onConflict'> {
  return { minAge, keepPrevious, onConflict };
}

/** An image as it was declared, checked. */
export interface DeclaredImage {
  /** The row's key: canonical, unless the source is known at deployment only. */
  readonly key: string;
  /** The tag that the source names, also by leaving it out; none for a digest or with `tags`. */
  readonly tag?: string;
  /** Canonical repository of the source; the source itself when that is known at deployment only. */
  readonly repository: string;
  /** Of the destination. */
  readonly repositoryName: string;
}

const REPOSITORY_NAME = /^(?=.{2,256}$)[a-z](?:[a-z0-9]|(?:\.|_|__|-+)[a-z0-9]|\/[a-z0-9])*$/;
/** Components that another one precedes or follows. */
const COMPONENTS = /^[a-z0-9](?:[a-z0-9]|(?:\.|_|__|-+)[a-z0-9]|\/[a-z0-9])*$/;

/** @throws Error naming the image, what was got and what would do. */
export function declareImage(
  image: MirroredImage,
  mapping: DestinationMapping,
  allowedSources: readonly string[],
): DeclaredImage {
  const { source, tags, repositoryName } = image;
  if (Token.isUnresolved(source)) return declareUnresolved(image);
  const reference = parseReference(source);
  if (tags !== undefined && (reference.tag !== undefined || reference.digest !== undefined)) {
    throw new PropsInvalid(`images: got ${show(source)} with tags; a source without tag and digest would do`);
  }
  const known = !Token.isUnresolved(allowedSources) && !allowedSources.some((pattern) => Token.isUnresolved(pattern));
  if (known && !allowedSources.some((pattern) => matchesPattern(pattern, reference.repository))) {
    throw new PropsInvalid(
      `images: got the source ${show(source)}; allowed sources: ${allowedSources.join(', ') || 'none'}`,
    );
  }
  const tag = tags === undefined ? withDefaultTag(reference).tag : undefined;
  return {
    key: formatReference(reference),
    ...(tag === undefined ? {} : { tag }),
    repository: formatRepository(reference.repository),
    repositoryName: checkName(repositoryName ?? mapRepository(mapping, reference.repository)?.name ?? '', source),
  };
}

/** The canonical repository that a source names, with or without tag and digest. */
export function sourceRepository(source: string): string {
  return Token.isUnresolved(source) ? source : formatRepository(parseReference(source).repository);
}

/** A source that is known at deployment only, such as another stack's repository. */
function declareUnresolved({ source, repositoryName }: MirroredImage): DeclaredImage {
  if (repositoryName === undefined) {
    throw new PropsInvalid('images: got a source that is known at deployment only; with a repositoryName it would do');
  }
  return { key: source, repository: source, repositoryName: checkName(repositoryName, 'a source known at deployment') };
}

/** Amazon ECR's rule for names. */
function checkName(name: string, source: string): string {
  if (!Token.isUnresolved(name) && REPOSITORY_NAME.test(name)) return name;
  const got = Token.isUnresolved(name) ? 'a name that is known at deployment only' : show(name);
  throw new PropsInvalid(
    `repositoryName of ${show(source)}: got ${got}; 2 to 256 lower-case letters and digits, parted by . _ - or /, would do`,
  );
}

/** @throws Error unless it is one or more components of a repository's name. */
export function checkPrefix(prefix: string): string {
  if (!Token.isUnresolved(prefix) && COMPONENTS.test(prefix) && /^[a-z]/.test(prefix)) return prefix;
  const got = Token.isUnresolved(prefix) ? 'a value that is known at deployment only' : show(prefix);
  throw new PropsInvalid(`prefix: got ${got}; the first components of a repository's name would do: mirror`);
}

/** Where the images of one source registry go. What is left out is as for all others. */
export interface RegistryMapping {
  /**
   * What the names of its repositories begin with.
   *
   * @default - the construct's `prefix`
   */
  readonly prefix?: string;

  /**
   * What the registry is called in the names of its repositories; empty leaves it out.
   *
   * @default - as `registryAliases` says
   */
  readonly alias?: string;

  /**
   * First components of names that are left out, such as `library`.
   *
   * @default - as `dropLibrary` says
   */
  readonly drop?: string;
}

/** @throws Error naming the alias, what was got and what would do. */
export function checkAliases(aliases: Record<string, string>): Record<string, string> {
  for (const [registry, alias] of Object.entries(aliases)) {
    checkRegistry('registryAliases', registry);
    checkPath('registryAliases: got', alias, `for ${registry}`);
  }
  return aliases;
}

/** @throws Error naming the registry, what was got and what would do. */
export function checkMappings(mappings: Record<string, RegistryMapping>): Record<string, RegistryMapping> {
  for (const [registry, { prefix, alias, drop }] of Object.entries(mappings)) {
    checkRegistry('registryMappings', registry);
    if (prefix !== undefined) checkPrefix(prefix);
    if (alias !== undefined && alias !== '') checkPath('registryMappings: got the alias', alias, `for ${registry}`);
    if (drop !== undefined) checkPath('registryMappings: got', drop, `to drop for ${registry}`);
  }
  return mappings;
}

function checkRegistry(prop: string, registry: string): void {
  const canonical = parseRepository(`${registry}/any/name`).registry;
  if (canonical === registry) return;
  throw new PropsInvalid(
    `${prop}: got the registry ${show(registry)}; ${canonical === 'docker.io' ? 'a host' : canonical} would do`,
  );
}

function checkPath(place: string, path: string, what: string): void {
  if (!Token.isUnresolved(path) && COMPONENTS.test(path)) return;
  const got = Token.isUnresolved(path) ? 'a value that is known at deployment only' : show(path);
  throw new PropsInvalid(`${place} ${got} ${what}; lower-case letters and digits would do: ghcr`);
}
