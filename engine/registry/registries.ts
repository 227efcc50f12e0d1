import type { Repository } from '../../lib/model/reference';
import type { Side } from '../errors';
import { systemClock } from '../ports';
import { attemptsOf } from './attempts';
import { openAuthorizer } from './authorizer';
import { type Clients, clientOf, type RegistrySite, siteOf } from './client';
import { type Hosts, hostsOf } from './hosts';
import type { Registries, RegistryOptions } from './options';
import type { ReferrersSupport } from './referrers';
import { type RemoteStore, remoteStore } from './repository';
import { tokenFetcher } from './token';
import { openTransport } from './transport';

/** With everything that a remote repository can do. */
export interface RemoteRegistries extends Registries {
  store(repository: Repository, side?: Side): RemoteStore;
}

/** What all registries of a run share: connections, tokens, what was learned about each host. */
export function openClients(options: RegistryOptions): { readonly hosts: Hosts; readonly shared: Clients } {
  const { credentials, observer, limiter } = options;
  const clock = options.clock ?? systemClock;
  const hosts = hostsOf(options);
  const transport = openTransport(hosts, options);
  const attempts = attemptsOf(options);
  const fetchToken = tokenFetcher({ transport, attempts, clock, observer });
  const authorizer = openAuthorizer(credentials, hosts, fetchToken, clock);
  return { hosts, shared: { transport, attempts, authorizer, observer, limiter } };
}

/** Opens the registries of a run. Nothing is asked of any of them before a store is used. */
export function openRegistries(options: RegistryOptions): RemoteRegistries {
  const { hosts, shared } = openClients(options);

  const siteFor = memoized((registry: string): RegistrySite & { readonly referrers: ReferrersSupport } => ({
    ...siteOf(hosts.endpoint(registry), options.concurrency),
    referrers: { missing: false },
  }));
  const stores = new Map<string, RemoteStore>();

  return {
    store(repository, side = 'source') {
      const key = `${side} ${repository.registry}/${repository.name}`;
      const known = stores.get(key);
      if (known !== undefined) return known;
      const site = siteFor(repository.registry);
      const store = remoteStore(
        clientOf(repository, site, shared, side === 'source' ? 'pull' : 'push'),
        site.referrers,
      );
      stores.set(key, store);
      return store;
    },
    close: () => shared.transport.close(),
  };
}

function memoized<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
