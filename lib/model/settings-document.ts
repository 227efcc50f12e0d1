import { listOf, mapOf, textOf } from './document';
import { InvalidValue } from './invalid';
import type { DestinationMapping, RegistryPlace } from './mapping';
import { type OutwardPair, type Permissions, validatePermissions } from './permissions';
import { parseRegistry } from './reference';
import { readRepositorySetting } from './repository-setting';
import { isMap } from './row-reader';
import {
  type CredentialScope,
  type CredentialSetting,
  credentialPlace,
  type MirrorSettings,
  type RoleSetting,
  type VerificationSetting,
} from './settings';
import { readTrustedRoot } from './trusted-root';

/** The document for the parameter; {@link parseSettings} reads it back. @throws InvalidValue for settings it would refuse. */
export function serialiseSettings(settings: MirrorSettings): string {
  const text = JSON.stringify(settings);
  parseSettings(text);
  return text;
}

const SECTIONS = [
  'permissions',
  'mapping',
  'credentials',
  'roles',
  'metrics',
  'eventBus',
  'repositories',
  'trustedRoot',
  'verification',
];

/** @throws InvalidValue naming the place in the document, what was got and what would do. */
export function parseSettings(text: string): MirrorSettings {
  const document = mapOf(parseJson(text), 'settings', SECTIONS);
  const { roles, metrics, eventBus, repositories, trustedRoot, verification } = document;
  return {
    permissions: readPermissions(document.permissions),
    mapping: readMapping(document.mapping),
    credentials: listOf(document.credentials, 'settings credentials').map(readCredential),
    ...(roles === undefined ? {} : { roles: listOf(roles, 'settings roles').map(readRole) }),
    ...(metrics === undefined ? {} : { metrics: textOf(metrics, 'settings metrics') }),
    ...(eventBus === undefined ? {} : { eventBus: textOf(eventBus, 'settings eventBus') }),
    ...(repositories === undefined ? {} : { repositories: readRepositorySetting(repositories) }),
    ...(verification === undefined ? {} : { verification: readVerification(verification) }),
    ...(trustedRoot === undefined ? {} : { trustedRoot: readTrustedRoot(trustedRoot, 'settings trustedRoot') }),
  };
}

function readVerification(value: unknown): VerificationSetting {
  const what = 'settings verification';
  const { repair, atMost } = mapOf(value, what, ['repair', 'atMost']);
  if (repair !== undefined && typeof repair !== 'boolean') {
    throw new InvalidValue(`${what}.repair`, repair, 'true or false would do');
  }
  if (atMost !== undefined && !(Number.isSafeInteger(atMost) && Number(atMost) > 0)) {
    throw new InvalidValue(`${what}.atMost`, atMost, 'a number of destinations, 1 or more, would do');
  }
  return {
    ...(repair === undefined ? {} : { repair }),
    ...(atMost === undefined ? {} : { atMost: Number(atMost) }),
  };
}

function readPermissions(value: unknown): Permissions {
  const what = 'settings permissions';
  const { sources, destinations, outward } = mapOf(value, what, ['sources', 'destinations', 'outward']);
  const permissions: Permissions = {
    sources: listOf(sources, `${what}.sources`).map((one) => textOf(one, `${what}.sources`)),
    destinations: listOf(destinations, `${what}.destinations`).map((one) => textOf(one, `${what}.destinations`)),
    outward: listOf(outward, `${what}.outward`).map(readPair),
  };
  validatePermissions(permissions);
  return permissions;
}

function readPair(value: unknown): OutwardPair {
  const what = 'settings permissions.outward';
  const { from, to } = mapOf(value, what, ['from', 'to']);
  return { from: textOf(from, `${what}.from`), to: textOf(to, `${what}.to`) };
}

function readMapping(value: unknown): DestinationMapping {
  const what = 'settings mapping';
  const { registry, prefix, aliases, dropLibrary, registries } = mapOf(value, what, [
    'registry',
    'prefix',
    'aliases',
    'dropLibrary',
    'registries',
  ]);
  if (dropLibrary !== undefined && typeof dropLibrary !== 'boolean') {
    throw new InvalidValue(`${what}.dropLibrary`, dropLibrary, 'true or false would do');
  }
  return {
    ...(registry === undefined ? {} : { registry: parseRegistry(textOf(registry, `${what}.registry`)) }),
    ...(prefix === undefined ? {} : { prefix: textOf(prefix, `${what}.prefix`) }),
    ...(aliases === undefined ? {} : { aliases: readAliases(aliases) }),
    ...(dropLibrary === undefined ? {} : { dropLibrary }),
    ...(registries === undefined ? {} : { registries: readPlaces(registries) }),
  };
}

function readPlaces(value: unknown): Readonly<Record<string, RegistryPlace>> {
  const what = 'settings mapping.registries';
  if (!isMap(value)) throw new InvalidValue(what, value, 'a map from registry to prefix, alias and drop would do');
  const entries = Object.entries(value).map(([host, place]) => {
    const known = mapOf(place, `${what}.${host}`, ['prefix', 'alias', 'drop']);
    const texts = Object.entries(known).map(([name, text]) => [name, textOf(text, `${what}.${host}.${name}`)] as const);
    return [parseRegistry(host), Object.fromEntries(texts)] as const;
  });
  return Object.fromEntries(entries);
}

function readAliases(value: unknown): Readonly<Record<string, string>> {
  const what = 'settings mapping.aliases';
  if (!isMap(value)) throw new InvalidValue(what, value, 'a map from registry to path would do');
  const entries = Object.entries(value).map(([host, path]) => [parseRegistry(host), textOf(path, what)] as const);
  return Object.fromEntries(entries);
}

/** Any partition; the name with the six characters that Secrets Manager adds, or without. */
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$/;

/** Any partition; a hierarchy begins with a slash of its own. */
const PARAMETER_ARN = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter\/[A-Za-z0-9/_.-]{1,1011}$/;
const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\x21-\x7e]{1,576}$/;

function readCredential(value: unknown, index: number): CredentialSetting {
  const what = `settings credentials[${index}]`;
  const setting = mapOf(value, what, ['for', 'direction', 'secretArn', 'parameterArn']);
  const place = textOf(setting.for, `${what}.for`);
  credentialPlace(place);
  const { direction } = setting;
  if (direction !== 'pull' && direction !== 'push' && direction !== 'both') {
    throw new InvalidValue(`${what}.direction`, direction, 'pull, push or both would do');
  }
  const scope: CredentialScope = { for: place, direction };
  if (setting.parameterArn === undefined) {
    const kind = { name: 'secretArn', pattern: SECRET_ARN, what: 'a Secrets Manager secret' };
    return { ...scope, secretArn: readArn(setting.secretArn, what, kind) };
  }
  if (setting.secretArn !== undefined) {
    throw new InvalidValue(what, ['secretArn', 'parameterArn'], 'one of the two would do');
  }
  const kind = { name: 'parameterArn', pattern: PARAMETER_ARN, what: 'an SSM parameter' };
  return { ...scope, parameterArn: readArn(setting.parameterArn, what, kind) };
}

function readArn(
  value: unknown,
  place: string,
  { name, pattern, what }: { readonly name: string; readonly pattern: RegExp; readonly what: string },
): string {
  const arn = textOf(value, `${place}.${name}`);
  if (pattern.test(arn)) return arn;
  // What was got is not shown: it may be the secret itself.
  throw new InvalidValue(`${place}.${name}`, '…', `the ARN of ${what} would do, never the secret`);
}

/** A role lies in the account that it stands for, so that a token never goes to another one. */
function readRole(value: unknown, index: number): RoleSetting {
  const what = `settings roles[${index}]`;
  const role = mapOf(value, what, ['account', 'roleArn', 'externalId']);
  const account = textOf(role.account, `${what}.account`);
  const roleArn = textOf(role.roleArn, `${what}.roleArn`);
  if (ROLE_ARN.exec(roleArn)?.[1] !== account) {
    throw new InvalidValue(`${what}.roleArn`, roleArn, `the ARN of a role in account ${account} would do`);
  }
  const externalId = role.externalId === undefined ? undefined : textOf(role.externalId, `${what}.externalId`);
  return { account, roleArn, ...(externalId === undefined ? {} : { externalId }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidValue('settings', '…', 'a JSON document with permissions, mapping and credentials would do');
  }
}
