import type { AwsClients } from '../../aws/clients';
import type { EcrHost } from '../../lib/model/ecr-host';
import type { TagMutability } from '../../lib/model/moving-tags';
import type { Ground } from './ground';
import { byEcrRegistry, type DestinationPlace } from './places';

/** One registry of Amazon ECR that rows write to, as its API tells of it. */
export interface EcrView {
  /** Canonical. */
  readonly registry: string;
  readonly host: EcrHost;
  readonly client: ReturnType<AwsClients['ecr']>;
  readonly places: readonly DestinationPlace[];
  /** Why its settings cannot be asked for: the API tells of them in the account of whoever asks alone. Undefined in that account. */
  readonly hidden: () => Promise<string | undefined>;
  /** All repositories, and how their tags may move: listed once. */
  readonly repositories: () => Promise<ReadonlyMap<string, TagMutability>>;
}

const views = new WeakMap<Ground, Promise<readonly EcrView[]>>();

/** Those of a ground, the same each time. */
export function ecrViews(ground: Ground): Promise<readonly EcrView[]> {
  const known = views.get(ground) ?? openViews(ground);
  views.set(ground, known);
  return known;
}

async function openViews(ground: Ground): Promise<readonly EcrView[]> {
  const groups = [...byEcrRegistry(ground.places.destinations).values()];
  if (groups.length === 0) return [];
  const [{ tagMutabilities }, clients] = await Promise.all([import('../../aws/ecr-settings'), ground.aws()]);
  return groups.map((group) => {
    const client = clients.ecr(group.host.region);
    let listed: ReturnType<typeof tagMutabilities> | undefined;
    return {
      ...group,
      client,
      hidden: () => hiddenFrom(ground, group.host),
      repositories: () => {
        listed ??= tagMutabilities(client, group.host.account);
        return listed;
      },
    };
  });
}

async function hiddenFrom({ caller }: Ground, { account }: EcrHost): Promise<string | undefined> {
  // Who is nobody for AWS hears so when asking.
  const own = await caller().then(
    (who) => who.account,
    () => account,
  );
  return own === account ? undefined : `account ${account} tells that to its own people, and you are of ${own}`;
}

/** As policies name it. */
export function repositoryArn({ partition, region, account }: EcrHost, name: string): string {
  return `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
}
