import { AwsError } from '../aws/error';
import type { CreationTemplate } from '../registry/ecr';
import { DEFAULT_SETTINGS } from '../registry/state';
import { type Input, optionalText, optionalTexts, page, requireEnum, requireText } from './input';
import { invalidParameter, validation } from './refusals';
import { type Operation, seconds } from './service';
import { encryption, lifecyclePolicy, mutability, policyText, showMutability, showTags, tags } from './settings';

export const getAuthorizationToken: Operation = (service) => {
  service.account.spend('GetAuthorizationToken');
  const { token, expiresAt } = service.account.authorizationToken(service.caller);
  return {
    authorizationData: [
      { authorizationToken: token, expiresAt: seconds(expiresAt), proxyEndpoint: `https://${service.account.host}` },
    ],
  };
};

export const putAccountSetting: Operation = (service, input) => {
  const name = requireEnum(input, 'name', ['BLOB_MOUNTING']);
  const value = requireText(input, 'value');
  if (value !== 'ENABLED' && value !== 'DISABLED') {
    throw invalidParameter(`value' failed to satisfy constraint: '${name} is ENABLED or DISABLED'`);
  }
  service.account.blobMounting = value === 'ENABLED';
  return { name, value };
};

export const getAccountSetting: Operation = (service, input) => {
  const name = requireEnum(input, 'name', ['BLOB_MOUNTING']);
  return { name, value: service.account.blobMounting ? 'ENABLED' : 'DISABLED' };
};

const APPLIED_FOR = ['CREATE_ON_PUSH', 'PULL_THROUGH_CACHE', 'REPLICATION'];

export const createRepositoryCreationTemplate: Operation = (service, input) => {
  const template = parseTemplate(input, service.clock.now());
  if (service.account.templates.has(template.prefix)) {
    throw new AwsError(
      'TemplateAlreadyExistsException',
      `The repository creation template with prefix '${template.prefix}' already exists`,
    );
  }
  service.account.templates.set(template.prefix, template);
  return { registryId: service.account.account, repositoryCreationTemplate: show(template) };
};

export const describeRepositoryCreationTemplates: Operation = (service, input) => {
  const prefixes = optionalTexts(input, 'prefixes', 0, 100)?.map(withoutSlash);
  const all = [...service.account.templates.values()];
  const wanted = prefixes === undefined ? all : all.filter((template) => prefixes.includes(template.prefix));
  const { items, nextToken } = page(input, wanted, 100, 1000);
  return { registryId: service.account.account, repositoryCreationTemplates: items.map(show), nextToken };
};

export const deleteRepositoryCreationTemplate: Operation = (service, input) => {
  const prefix = withoutSlash(requireText(input, 'prefix'));
  const template = service.account.templates.get(prefix);
  if (template === undefined) {
    throw new AwsError('TemplateNotFoundException', `No repository creation template has the prefix '${prefix}'`);
  }
  service.account.templates.delete(prefix);
  return { registryId: service.account.account, repositoryCreationTemplate: show(template) };
};

function parseTemplate(input: Input, now: number): CreationTemplate {
  const prefix = withoutSlash(requireText(input, 'prefix'));
  if (prefix !== 'ROOT' && !/^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/.test(prefix)) {
    throw validation(`Value '${prefix}' at 'prefix' failed to satisfy constraint: ROOT or a repository prefix`);
  }
  const appliedFor = optionalTexts(input, 'appliedFor', 1, 3);
  if (appliedFor === undefined || appliedFor.some((one) => !APPLIED_FOR.includes(one))) {
    throw validation(
      `Value at 'appliedFor' failed to satisfy constraint: Member must be of [${APPLIED_FOR.join(', ')}]`,
    );
  }
  const customRoleArn = optionalText(input, 'customRoleArn');
  const resourceTags = tags(input, 'resourceTags');
  const encrypted = encryption(input);
  if (customRoleArn === undefined && (encrypted.encryptionType !== 'AES256' || Object.keys(resourceTags).length > 0)) {
    throw invalidParameter("customRoleArn' failed to satisfy constraint: 'a role is needed for KMS and resource tags'");
  }
  const policy = optionalText(input, 'repositoryPolicy');
  const lifecycle = optionalText(input, 'lifecyclePolicy');
  return {
    prefix,
    appliedFor,
    description: optionalText(input, 'description'),
    customRoleArn,
    createdAt: now,
    updatedAt: now,
    settings: {
      ...DEFAULT_SETTINGS,
      ...mutability(input),
      encryption: encrypted,
      resourceTags,
      policy: policy === undefined ? undefined : policyText(policy),
      lifecyclePolicy: lifecycle === undefined ? undefined : lifecyclePolicy(lifecycle),
    },
  };
}

function withoutSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}

function show(template: CreationTemplate): object {
  const { settings, createdAt, updatedAt, ...rest } = template;
  return {
    ...rest,
    ...showMutability(settings),
    encryptionConfiguration: settings.encryption,
    resourceTags: showTags(settings.resourceTags),
    repositoryPolicy: settings.policy,
    lifecyclePolicy: settings.lifecyclePolicy,
    createdAt: seconds(createdAt),
    updatedAt: seconds(updatedAt),
  };
}
