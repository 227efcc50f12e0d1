import type { Clock } from '../../engine/ports';
import { AwsError } from '../aws/error';
import type { EcrRegistry } from '../registry/ecr';
import type { RegistryState, RepositoryState } from '../registry/state';
import { checkName, type Input, optionalText, requireText } from './input';

/** What all operations work on: the same repositories that the registry serves. */
export interface EcrService {
  readonly state: RegistryState;
  readonly account: EcrRegistry;
  /** Access key of whoever asks. @default - nobody known */
  readonly caller?: string | undefined;
  readonly clock: Clock;
}

export type Operation = (service: EcrService, input: Input) => object;

/** @throws AwsError RepositoryNotFoundException */
export function repositoryOf(service: EcrService, input: Input): RepositoryState {
  const id = optionalText(input, 'registryId') ?? service.account.account;
  const name = checkName(requireText(input, 'repositoryName'));
  const repository = id === service.account.account ? service.state.repositories.get(name) : undefined;
  if (repository === undefined) throw noRepository(name, id);
  return repository;
}

export function noRepository(name: string, id: string): AwsError {
  return new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${id}'`,
  );
}

export function arnOf(service: EcrService, name: string): string {
  return `arn:aws:ecr:${service.account.region}:${service.account.account}:repository/${name}`;
}

/** Milliseconds as the wire has times: seconds. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

/** What every answer about a repository names. */
export function named(service: EcrService, repository: RepositoryState) {
  return { registryId: service.account.account, repositoryName: repository.name };
}
