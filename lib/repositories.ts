import { type RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { keptPlace, patternsOf, sortKept } from './lifecycle';
import { MirrorRepository, type RepositorySettings } from './mirror-repository';
import { show } from './model/invalid';
import { floats } from './model/moving-tags';
import { globAround } from './model/tag-pattern';
import type { TagSelection } from './model/tag-selection';
import { PropsInvalid } from './props-invalid';
import { covers, floatingTagsOf, isWild, mayFloat } from './tag-form';

export interface RepositoriesProps {
  readonly removalPolicy: RemovalPolicy;
  readonly settings: RepositorySettings;
}

/** What an image brings into its repository, as far as the settings of the repository have to go with it. */
export interface BroughtImage {
  /** For messages: the row's key. */
  readonly key: string;
  /** The one tag that it has; none for a selection, a digest, or what is known at deployment only. */
  readonly tag?: string;
  readonly selection?: TagSelection;
}

interface Made {
  readonly repository: MirrorRepository;
  readonly images: BroughtImage[];
}

/** The destination repositories that the construct creates, one for each name. */
export class Repositories extends Construct {
  private readonly byName = new Map<string, Made>();
  private readonly pullers: IGrantable[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RepositoriesProps,
  ) {
    super(scope, id);
    this.node.addValidation({ validate: () => this.twins() });
  }

  get all(): MirrorRepository[] {
    return [...this.byName.values()].map(({ repository }) => repository);
  }

  /**
   * The repository of that name, created at the first call. Whoever may pull from the others may pull from it.
   *
   * @throws Error when the repository would refuse or delete what is mirrored into it.
   */
  ensure(name: string, image: BroughtImage): MirrorRepository {
    const made = this.byName.get(name) ?? this.create(name);
    made.images.push(image);
    this.letMove(made.repository, image);
    this.checkLifecycle(made.images);
    return made.repository;
  }

  /** Lets the grantee pull from every repository, also from those that are added later. */
  grantPull(grantee: IGrantable): Grant[] {
    this.pullers.push(grantee);
    return this.all.map((repository) => repository.grantPull(grantee));
  }

  /** What CloudFormation would find out when it creates the second one. */
  private twins(): string[] {
    const repositories = Stack.of(this)
      .node.findAll()
      .filter((one): one is CfnRepository => CfnRepository.isCfnRepository(one));
    return repositories.flatMap((one) => {
      const own = this.byName.get(one.repositoryName ?? '')?.repository;
      if (own === undefined || own.node.defaultChild === one) return [];
      return `repositoryName: got ${show(one.repositoryName)}, which ${one.node.path} in this stack is called already; another prefix, or repositoryName, would do`;
    });
  }

  private create(name: string): Made {
    const { settings, removalPolicy } = this.props;
    const repository = new MirrorRepository(this, name, { removalPolicy, ...settings, repositoryName: name });
    const made = { repository, images: [] };
    this.byName.set(name, made);
    for (const puller of this.pullers) repository.grantPull(puller);
    return made;
  }

  /** Tags that move by their form may move; a selection that may take such tags has to say which. */
  private letMove(repository: MirrorRepository, { key, tag, selection }: BroughtImage): void {
    const { immutable, floatingTags } = this.props.settings;
    if (immutable !== true) return;
    const moving = selection === undefined ? [tag ?? []].flat().filter(floats) : floatingTagsOf(selection);
    for (const one of moving) repository._addFloatingTag(one);
    if (selection === undefined || floatingTags !== undefined || !mayFloat(selection)) return;
    throw new PropsInvalid(
      `images: ${key}: got tags of which some may move (1.27 beside 1.27.3) into an immutable repository; include('*.*.*'), or repositoryDefaults.floatingTags, would do`,
    );
  }

  /** A rule that deletes what the rows ask for would have the mirror copy it again and again. */
  private checkLifecycle(images: readonly BroughtImage[]): void {
    const limits = limitsOf(this.props.settings);
    for (const limit of limits) {
      const counted = images.filter((image) => limitFor(image, limits) === limit);
      const last = counted.at(-1);
      const wanted = counted.reduce((sum, image) => sum + wantedBy(image), 0);
      if (last === undefined || limit.count === undefined || wanted <= limit.count) continue;
      const got = wanted === Number.POSITIVE_INFINITY ? 'tags without latest' : `${wanted} tags`;
      const would = limit.count > 0 ? `latest(${limit.count}), or a higher count,` : 'images without expiry by age';
      throw new PropsInvalid(
        `images: ${last.key}: got ${got} where ${limit.place} ${limit.count > 0 ? `keeps ${limit.count}` : 'lets them expire by age'}: the mirror would put them back; ${would} would do`,
      );
    }
  }
}

/** A lifecycle rule for tagged images. */
interface Limit {
  /** Of which images. */
  readonly pattern: string;
  /** How many stay: none where they expire by age; unknown where it is known at deployment only. */
  readonly count?: number;
  readonly place: string;
}

/** In the order in which Amazon ECR asks them. */
function limitsOf({ keepLast = [], lifecycleRules = [] }: RepositorySettings): readonly Limit[] {
  const known = (count: number) => (Token.isUnresolved(count) ? {} : { count });
  return [
    ...sortKept(keepLast).map(({ count, prefix }) => ({
      pattern: `${prefix ?? ''}*`,
      ...known(count),
      place: keptPlace(prefix),
    })),
    ...lifecycleRules.flatMap((rule, index) =>
      patternsOf(rule).map((pattern) => ({
        pattern,
        ...known(rule.maxImageCount ?? 0),
        place: `lifecycleRules[${index}]`,
      })),
    ),
  ];
}

/** The rule that all of an image's tags belong to; undefined where they may belong to several, or none. */
function limitFor({ tag, selection }: BroughtImage, limits: readonly Limit[]): Limit | undefined {
  const globs = selection === undefined ? [tag ?? []].flat() : (selection.include ?? ['*']).map(globAround);
  if (globs.length === 0) return undefined;
  const first = limits.find(({ pattern }) => globs.some((glob) => overlap(pattern, glob)));
  return first !== undefined && globs.every((glob) => covers(first.pattern, glob)) ? first : undefined;
}

/** Whether some tag may match both. */
function overlap(a: string, b: string): boolean {
  const [start, other] = [a, b].map((glob) => glob.replace(/[*?[].*$/, '')) as [string, string];
  return start.startsWith(other) || other.startsWith(start);
}

function wantedBy({ selection }: BroughtImage): number {
  if (selection === undefined) return 1;
  const spelled = selection.include?.some(isWild) === false ? selection.include.length : undefined;
  return selection.latest ?? spelled ?? Number.POSITIVE_INFINITY;
}
