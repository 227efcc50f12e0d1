import type { Clock, Limiter, Observer } from '../engine/ports';
import type { Registries } from '../engine/registry/options';
import { openRegistries } from '../engine/registry/registries';
import type { MirrorSettings } from '../lib/model/settings';
import type { AwsClients } from './clients';
import { registryCredentials } from './registry-credentials';
import { type Environment, readSettings } from './settings';

/** What the controller and the worker of one deployment share. */
export interface Deployment {
  readonly settings: MirrorSettings;
  readonly registries: Registries;
}

/** @throws EngineError, InvalidValue when the settings cannot be read */
export async function openDeployment(
  environment: Environment,
  clients: AwsClients,
  options: { readonly clock: Clock; readonly observer?: Observer; readonly limiter?: Limiter },
): Promise<Deployment> {
  const settings = await readSettings(clients.parameters(), environment.settingsParameter);
  const credentials = registryCredentials(settings, clients, options.clock);
  return { settings, registries: openRegistries({ ...options, credentials, endpoints: environment.endpoints }) };
}
