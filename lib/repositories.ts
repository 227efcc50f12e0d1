import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Repository, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface RepositoriesProps {
  readonly removalPolicy: RemovalPolicy;
}

/** The destination repositories that the construct creates, one for each name. */
export class Repositories extends Construct {
  private readonly byName = new Map<string, Repository>();
  private readonly pullers: IGrantable[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RepositoriesProps,
  ) {
    super(scope, id);
  }

  get all(): Repository[] {
    return [...this.byName.values()];
  }

  /** The repository of that name, created at the first call. Whoever may pull from the others may pull from it. */
  ensure(name: string): Repository {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const repository = new Repository(this, name, {
      repositoryName: name,
      imageScanOnPush: true,
      // Upstream pushes even version tags again.
      imageTagMutability: TagMutability.MUTABLE,
      lifecycleRules: [
        {
          description: 'What no tag leads to any more',
          tagStatus: TagStatus.UNTAGGED,
          maxImageAge: Duration.days(14),
        },
      ],
      removalPolicy: this.props.removalPolicy,
      emptyOnDelete: this.props.removalPolicy === RemovalPolicy.DESTROY,
    });
    this.byName.set(name, repository);
    for (const puller of this.pullers) repository.grantPull(puller);
    return repository;
  }

  /** Lets the grantee pull from every repository, also from those that are added later. */
  grantPull(grantee: IGrantable): Grant[] {
    this.pullers.push(grantee);
    return this.all.map((repository) => repository.grantPull(grantee));
  }
}
