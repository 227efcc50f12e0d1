import type { Platform } from './descriptor';
import type { Digest } from './digest';
import type { Reference, Repository } from './reference';
import type { SignatureRequirement } from './signature-requirement';
import type { TagSelection } from './tag-selection';

/** What one row of the table of mirrors, or one entry of a file, asks for. */
export interface Mirror {
  /** The row's `Source` as it was written: what identifies the row. */
  readonly key: string;
  readonly source: Repository;
  readonly select: Selection;
  readonly destinations: readonly DestinationTemplate[];
  /** Epoch seconds; from then on the row is treated as gone. @default - never */
  readonly expires?: number;
  /** Signatures, SBOMs and attestations go too. @default true */
  readonly referrers: boolean;
  /** Only referrers of these artifact types. @default - all */
  readonly artifactTypes?: readonly string[];
  /**
   * Only these platforms of an index. One: that image's own manifest; several: an index rewritten to hold just them.
   *
   * @default - everything, bit for bit
   */
  readonly platforms?: readonly Platform[];
  /** `config`: images with the same configs count as the same. @default - with the same manifests */
  readonly compare?: 'config';
  /** Seconds since a digest was first seen at the source before it is copied. @default - at once */
  readonly minAge?: number;
  /** Before a tag moves, the digest that it had gets a tag of its own. @default false */
  readonly keepPrevious?: boolean;
  /** Who must have signed the source's digest. @default - nobody */
  readonly requireSignature?: SignatureRequirement;
  /** What to do when the destination's tag is immutable and holds another digest. @default 'report' */
  readonly onConflict?: OnConflict;
  /** No more often than this. @default - at every run */
  readonly every?: Every;
  /** Seconds for which a copy may not be what its source is. @default - as whoever looks says */
  readonly staleAfter?: number;
  readonly paused: boolean;
  readonly note?: string;
  readonly owner?: string;
}

/** Which images of the source repository. */
export type Selection =
  | { readonly kind: 'tag'; readonly tag: string }
  /** A pin: this digest, called `tag` at the destination if the source named one beside it. */
  | { readonly kind: 'digest'; readonly digest: Digest; readonly tag?: string }
  | { readonly kind: 'tags'; readonly selection: TagSelection };

/** Where an image goes. The tag may hold `{tag}`, which stands for the source's tag; absent, the source's tag is kept. */
export interface DestinationTemplate {
  readonly repository: Repository;
  readonly tag?: string;
}

/** `report`: as a conflict. `suffix`: the image is mirrored beside, under a tag that ends in its digest. */
export type OnConflict = 'report' | 'suffix';

export type Every =
  | { readonly kind: 'interval'; readonly seconds: number }
  /** Five fields, UTC. */
  | { readonly kind: 'cron'; readonly expression: string };

const LONGEST_TAG = 128;

/**
 * The reference that an image of a mirror gets at a destination. A pin without any tag is given one, `sha256.<hex>`
 * (with a dot: `sha256-<hex>` belongs to the referrers tag schema), so that no rule for untagged images expires it;
 * of a sha512 digest as much as a tag holds. A template and a long source tag can give a text that {@link isTag} refuses:
 * whoever plans looks.
 */
export function destinationReference(
  template: DestinationTemplate,
  source: Pick<Reference, 'tag' | 'digest'>,
): Reference {
  const sourceTag = source.tag ?? source.digest?.replace(':', '.').slice(0, LONGEST_TAG);
  const tag = template.tag === undefined ? sourceTag : template.tag.replaceAll('{tag}', () => sourceTag ?? '');
  return tag === undefined ? { repository: template.repository } : { repository: template.repository, tag };
}

/** Something about one attribute of one row: the row is refused (`error`) or merely told about (`warning`). */
export interface Problem {
  /** The attribute, `Destination` or `Tags.Semver`; absent when it concerns the row as a whole. */
  readonly attribute?: string;
  /** One line: what was got, what would do. */
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** A row as it was read: a mirror unless any problem is an error. */
export interface ParsedRow {
  /** The row's `Source`, or a stand-in (`row 3`) when it has none. */
  readonly key: string;
  readonly mirror?: Mirror;
  readonly problems: readonly Problem[];
}
