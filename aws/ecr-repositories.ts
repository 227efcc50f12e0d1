import {
  CreateRepositoryCommand,
  type ECRClient,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import type { RepositoryMaker } from '../engine/creating-stores';
import { RegistryError } from '../engine/errors';
import type { Clock } from '../engine/ports';
import { parseEcrHost } from '../lib/model/ecr-host';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { RepositorySetting } from '../lib/model/repository-setting';
import { type MirrorSettings, roleFor } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { awsFailure } from './errors';
import { isNamed, type Table } from './items';
import type { Log } from './log';
import { begin, end, listUnfinished } from './unfinished-repositories';

export interface EcrRepositoriesOptions {
  /** How a repository is created; undefined when that is not for this mirror to do. */
  readonly creation: (repository: Repository) => RepositorySetting | undefined;
  /** Roles for other accounts. @default - none */
  readonly roles?: MirrorSettings['roles'] | undefined;
  readonly clients: Pick<AwsClients, 'ecr'>;
  /** Remembers what was begun. @default - nothing does: what a crash cuts short lacks its policies */
  readonly memory?: CreationMemory;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CreationMemory {
  /** The table of copies. */
  readonly copies: Table;
  /** Of this process and no other. */
  readonly maker: string;
}

/** Tries of one call, beside the SDK's own, and the first wait between them in milliseconds. */
const TRIES = 5;
const FIRST_WAIT = 200;

/** Creates missing repositories of Amazon ECR with all the settings that are wanted for them. */
export function ecrRepositories(options: EcrRepositoriesOptions): RepositoryMaker {
  const { creation, memory } = options;
  const made = new Map<string, Promise<void>>();
  let unfinished: Promise<ReadonlySet<string>> | undefined;

  function once(repository: Repository, signal?: AbortSignal): Promise<void> {
    const name = formatRepository(repository);
    const known = made.get(name);
    if (known !== undefined) return known;
    const making = makeWhole(repository, options, signal);
    made.set(name, making);
    // Whoever comes later tries again, where that may help.
    making.catch((error) => {
      if (!(error instanceof RegistryError) || error.temporary) made.delete(name);
    });
    return making;
  }

  return {
    makes: (repository) => creation(repository) !== undefined,
    make: once,
    complete: async (repository, signal) => {
      if (memory === undefined) return;
      unfinished ??= listUnfinished(memory.copies);
      unfinished.catch(() => {
        unfinished = undefined;
      });
      if ((await unfinished).has(formatRepository(repository))) await once(repository, signal);
    },
  };
}

async function makeWhole(repository: Repository, options: EcrRepositoriesOptions, signal?: AbortSignal): Promise<void> {
  const { creation, roles, clients, memory, clock, log } = options;
  const setting = creation(repository);
  const host = parseEcrHost(repository.registry);
  if (setting === undefined || host === undefined) return;
  const client = clients.ecr(host.region, roleFor(roles, host.account));
  const call = async <T>(operation: string, send: () => Promise<T>) => {
    try {
      return await persist(send, clock, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      throw awsFailure(`${formatRepository(repository)}: ${operation}`, cause, remedyFor(cause));
    }
  };
  const place = { registryId: host.account, repositoryName: repository.name };
  const begunBefore = memory !== undefined && (await begin(memory.copies, repository, memory.maker, clock.now()));
  const created = await call('create it', () => create(client, place, setting));
  // What is there and was not begun by a mirror is somebody else's: its settings stay.
  if (created || begunBefore) await setPolicies(client, place, setting, call);
  if (memory !== undefined) await end(memory.copies, repository, clock.now());
  log('repository', { repository: formatRepository(repository), created });
}

interface Place {
  readonly registryId: string;
  readonly repositoryName: string;
}

/** False when it is there: another worker, or a person, was faster. */
async function create(client: ECRClient, place: Place, setting: RepositorySetting): Promise<boolean> {
  const { scanOnPush, tagMutability, exclusions, kmsKey, tags } = setting;
  try {
    await client.send(
      new CreateRepositoryCommand({
        ...place,
        imageScanningConfiguration: { scanOnPush },
        imageTagMutability: tagMutability,
        imageTagMutabilityExclusionFilters: exclusions?.map((filter) => ({ filterType: 'WILDCARD', filter })),
        encryptionConfiguration: kmsKey === undefined ? undefined : { encryptionType: 'KMS', kmsKey },
        tags: tags === undefined ? undefined : Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    return true;
  } catch (error) {
    if (isNamed(error, 'RepositoryAlreadyExistsException')) return false;
    throw error;
  }
}

async function setPolicies(
  client: ECRClient,
  place: Place,
  { lifecyclePolicy, policy }: RepositorySetting,
  call: (operation: string, send: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  if (lifecyclePolicy !== undefined) {
    const lifecyclePolicyText = JSON.stringify(lifecyclePolicy);
    await call('set its lifecycle policy', () =>
      client.send(new PutLifecyclePolicyCommand({ ...place, lifecyclePolicyText })),
    );
  }
  if (policy !== undefined) {
    const policyText = JSON.stringify(policy);
    await call('set its policy', () => client.send(new SetRepositoryPolicyCommand({ ...place, policyText })));
  }
}

/** Again while trying again may help: throttled, or a repository that is so new that not all of Amazon ECR knows it. */
async function persist<T>(send: () => Promise<T>, clock: Clock, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await send();
    } catch (error) {
      const helps = awsFailure('', error).temporary || isNamed(error, 'RepositoryNotFoundException');
      if (!helps || attempt === TRIES) throw error;
      await clock.sleep(FIRST_WAIT * 2 ** (attempt - 1), signal);
    }
  }
}

function remedyFor(cause: unknown): string | undefined {
  return isNamed(cause, 'AccessDeniedException')
    ? 'whoever creates repositories there needs ecr:CreateRepository, PutLifecyclePolicy, SetRepositoryPolicy and TagResource, and the key’s kms:CreateGrant and DescribeKey'
    : undefined;
}
