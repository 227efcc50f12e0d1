import { AwsError } from '../aws/error';
import type { RepositoryState } from '../registry/state';
import { checkName, type Input, optionalFlag, optionalTexts, page, requireText } from './input';
import { arnOf, type EcrService, named, noRepository, type Operation, repositoryOf, seconds } from './service';
import {
  checkKey,
  encryption,
  lifecyclePolicy,
  mutability,
  policyText,
  scanOnPush,
  showMutability,
  showTags,
  tags,
} from './settings';

export const createRepository: Operation = (service, input) => {
  const name = checkName(requireText(input, 'repositoryName'));
  const settings = {
    ...mutability(input),
    scanOnPush: scanOnPush(input),
    encryption: encryption(input),
    resourceTags: tags(input),
  };
  checkKey(settings.encryption, service.account.region);
  if (service.state.repositories.has(name)) {
    const where = `in the registry with id '${service.account.account}'`;
    throw new AwsError(
      'RepositoryAlreadyExistsException',
      `The repository with name '${name}' already exists ${where}`,
    );
  }
  return { repository: show(service, service.state.create(name, settings)) };
};

export const describeRepositories: Operation = (service, input) => {
  const names = optionalTexts(input, 'repositoryNames', 1, 100);
  const found = names?.map((name) => {
    const repository = service.state.repositories.get(checkName(name));
    if (repository === undefined) throw noRepository(name, service.account.account);
    return repository;
  });
  const { items, nextToken } = page(input, found ?? [...service.state.repositories.values()], 100, 1000);
  return { repositories: items.map((repository) => show(service, repository)), nextToken };
};

export const deleteRepository: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  if (repository.manifests.size > 0 && optionalFlag(input, 'force') !== true) {
    throw new AwsError(
      'RepositoryNotEmptyException',
      `The repository with name '${repository.name}' in registry with id '${service.account.account}' cannot be deleted because it still contains images`,
    );
  }
  service.state.repositories.delete(repository.name);
  return { repository: show(service, repository) };
};

export const putImageTagMutability: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  requireText(input, 'imageTagMutability');
  repository.settings = { ...repository.settings, ...mutability(input) };
  return { ...named(service, repository), ...showMutability(repository.settings) };
};

export const putLifecyclePolicy: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const text = lifecyclePolicy(requireText(input, 'lifecyclePolicyText'));
  repository.settings = { ...repository.settings, lifecyclePolicy: text };
  return { ...named(service, repository), lifecyclePolicyText: text };
};

export const getLifecyclePolicy: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const text = repository.settings.lifecyclePolicy;
  if (text === undefined) {
    throw new AwsError(
      'LifecyclePolicyNotFoundException',
      `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${service.account.account}'`,
    );
  }
  return { ...named(service, repository), lifecyclePolicyText: text, lastEvaluatedAt: 0 };
};

export const setRepositoryPolicy: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const text = policyText(requireText(input, 'policyText'));
  repository.settings = { ...repository.settings, policy: text };
  return { ...named(service, repository), policyText: text };
};

export const getRepositoryPolicy: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  const text = repository.settings.policy;
  if (text === undefined) {
    throw new AwsError(
      'RepositoryPolicyNotFoundException',
      `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id '${service.account.account}'`,
    );
  }
  return { ...named(service, repository), policyText: text };
};

export const putImageScanningConfiguration: Operation = (service, input) => {
  const repository = repositoryOf(service, input);
  repository.settings = { ...repository.settings, scanOnPush: scanOnPush(input) };
  const imageScanningConfiguration = { scanOnPush: repository.settings.scanOnPush };
  return { ...named(service, repository), imageScanningConfiguration };
};

export const tagResource: Operation = (service, input) => {
  const repository = byArn(service, input);
  const resourceTags = { ...repository.settings.resourceTags, ...tags(input) };
  repository.settings = { ...repository.settings, resourceTags };
  return {};
};

export const listTagsForResource: Operation = (service, input) => ({
  tags: showTags(byArn(service, input).settings.resourceTags),
});

function byArn(service: EcrService, input: Input): RepositoryState {
  const arn = requireText(input, 'resourceArn');
  const name = /^arn:[^:]+:ecr:[^:]+:\d{12}:repository\/(.+)$/.exec(arn)?.[1] ?? '';
  const repository = service.state.repositories.get(name);
  if (repository === undefined || arnOf(service, name) !== arn) throw noRepository(name, service.account.account);
  return repository;
}

function show(service: EcrService, repository: RepositoryState): object {
  const { settings } = repository;
  return {
    ...named(service, repository),
    repositoryArn: arnOf(service, repository.name),
    repositoryUri: `${service.account.host}/${repository.name}`,
    createdAt: seconds(repository.createdAt),
    ...showMutability(settings),
    imageScanningConfiguration: { scanOnPush: settings.scanOnPush },
    encryptionConfiguration: settings.encryption,
  };
}
