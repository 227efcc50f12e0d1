import type { AwsClients } from '../aws/clients';
import type { Store, Stores } from '../engine/content';
import type { CopyOptions } from '../engine/copy';
import { creatingStores } from '../engine/creating-stores';
import { LAYOUT_SCHEME, layoutDirectory, openLayout } from '../engine/layout';
import { type Clock, type Credentials, type Observer, systemClock } from '../engine/ports';
import type { Pulls } from '../engine/pulls';
import { parseEndpoints } from '../lib/model/endpoints';
import { Env } from '../lib/model/names';
import { formatRepository } from '../lib/model/reference';
import { type Archives, openArchives } from './archive';
import { awsOptions } from './aws-options';
import { localCredentials } from './credentials';
import type { Io } from './io';
import { ARCHIVE_SCHEME } from './location';
import { proxyAgents } from './proxy';
import { repositoryMaker } from './repository-creation';
import type { Settings } from './settings';
import { openVerifier } from './signatures';

/** Everything that a command reaches: registries, folders, tar files, the clock. */
export interface World {
  readonly stores: Stores;
  readonly archives: Archives;
  readonly clock: Clock;
  /** What sources let be pulled. */
  readonly pulls: Pulls;
  /** AWS, loaded when it is first needed. */
  readonly aws: () => Promise<AwsClients>;
  /** Asked of what is required to be signed. */
  readonly verifySignature: NonNullable<CopyOptions['verifySignature']>;
  /** Ends connections and removes temporary folders. */
  close(): Promise<void>;
}

export interface Named {
  /** Registries that the command names, by itself or through its file: what a bare `--plain-http` means. */
  readonly registries: readonly string[];
  /** Those that the user named on the command line, which may therefore be at private addresses. */
  readonly byUser: readonly string[];
  /** Of what may be pulled, what is left for others: nothing when a person asks for just this. @default 0.1 */
  readonly pullReserve?: number;
}

export async function openWorld(settings: Settings, io: Io, named: Named, observer: Observer): Promise<World> {
  const clock = io.clock ?? systemClock;
  const [{ openRegistries }, { budgetLimiter }, { memoryLedger }] = await Promise.all([
    import('../engine/registry/registries'),
    import('../engine/limiter'),
    import('../engine/ledger'),
  ]);
  const verifySignature = await openVerifier(settings);
  const agent = await proxyAgents(io.env, settings.ca);
  const { retry, ca, idleTimeout } = settings;
  const ecr = ecrCredentials(settings, agent, clock);
  const limiter = budgetLimiter({
    ledger: memoryLedger(),
    clock,
    ...(named.pullReserve === undefined ? {} : { pullReserve: named.pullReserve }),
  });
  const registries = openRegistries({
    credentials: localCredentials({ env: io.env, ecr: ecr.credentials }),
    plainHttp: settings.plainHttp === 'all' ? named.registries : settings.plainHttp,
    privateHosts: [...settings.privateHosts, ...named.byUser],
    endpoints: parseEndpoints(io.env[Env.REGISTRY_ENDPOINTS]),
    ...(ca === undefined ? {} : { ca }),
    ...(agent === undefined ? {} : { agent }),
    retry,
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    limiter,
    clock,
    observer,
  });
  const archives = openArchives();
  const layouts = new Map<string, Store>();
  const opened: Stores = (repository) => {
    if (repository.registry === ARCHIVE_SCHEME) return archives.store(repository);
    if (repository.registry !== LAYOUT_SCHEME) return registries.store(repository);
    const key = formatRepository(repository);
    const layout = layouts.get(key) ?? openLayout(layoutDirectory(repository));
    layouts.set(key, layout);
    return layout;
  };
  const stores = settings.createRepositories
    ? creatingStores(opened, repositoryMaker(ecr.clients, clock), clock)
    : opened;
  return {
    stores,
    archives,
    clock,
    pulls: limiter.pulls,
    aws: ecr.clients,
    verifySignature,
    async close() {
      await limiter.close();
      registries.close();
      ecr.close();
      await archives.close();
    },
  };
}

/** The AWS SDK, loaded when a host of Amazon ECR first needs it. */
function ecrCredentials(settings: Settings, agent: Awaited<ReturnType<typeof proxyAgents>>, clock: Clock) {
  let made: AwsClients | undefined;
  let opened: Promise<Credentials> | undefined;
  const clients = async () => {
    const { awsClients } = await import('../aws/clients');
    made ??= awsClients(awsOptions(settings, agent));
    return made;
  };
  const open = async () => {
    const { registryCredentials } = await import('../aws/registry-credentials');
    return registryCredentials({ credentials: [] }, await clients(), clock);
  };
  return {
    clients,
    credentials: () => {
      opened ??= open();
      return opened;
    },
    close: () => made?.close(),
  };
}
