import { listOf, mapOf, textOf } from './document';
import { InvalidValue } from './invalid';
import { parseRegistry } from './reference';

/** Who sends webhooks, and so how they are proven and what they look like. */
export const WEBHOOK_KINDS = ['standard', 'github', 'harbor', 'docker-hub', 'quay', 'chainguard'] as const;
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/** A sender whose webhooks are taken. */
export interface WebhookSetting {
  /** The first component of its path: `/ghcr`. */
  readonly name: string;
  readonly kind: WebhookKind;
  /** What it may speak of, and nothing else. */
  readonly registry: string;
  /** Of all but Chainguard, which signs with keys of its own. */
  readonly secretArn?: string;
  /** Of Chainguard: who the token is about, `webhook:<id of the group>`. */
  readonly subject?: string;
  /** Of Chainguard: what the group is called in references. */
  readonly organization?: string;
}

/** An image that came to a registry, by its canonical name. */
export interface PushedImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string;
}

/** Attributes of the table in which webhooks wait for the controller. */
export const WebhookAttribute = {
  /** Partition key: what makes a webhook the same as one that came before. */
  ID: 'Webhook',
  /** JSON: a list of {@link PushedImage}. */
  PUSHES: 'Pushes',
  /** Epoch seconds; DynamoDB's TTL. */
  EXPIRES: 'Expires',
} as const;

/** What the function that takes webhooks is told. */
export const WebhookEnv = { TABLE: 'WEBHOOKS_TABLE', SENDERS: 'WEBHOOK_SENDERS' } as const;

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const MOST_SENDERS = 10;

/** @throws InvalidValue for what cannot be a component of a path */
export function checkWebhookName(name: string): string {
  if (NAME.test(name)) return name;
  throw new InvalidValue('webhook name', name, 'up to 32 lower-case letters, digits and hyphens would do');
}

/** @throws InvalidValue for more senders than are told to a function, and for two of one name */
export function checkSenders(names: readonly string[]): void {
  if (names.length === 0 || names.length > MOST_SENDERS) {
    throw new InvalidValue('webhooks sources', names, `1 to ${MOST_SENDERS} would do`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new InvalidValue('webhooks sources', twice, 'a name of its own for each would do');
}

/** @throws InvalidValue naming the part, what was got and what would do */
export function parseWebhookSettings(text: string): readonly WebhookSetting[] {
  const senders = listOf(parseJson(text), 'webhook senders').map(readSetting);
  checkSenders(senders.map(({ name }) => name));
  return senders;
}

function readSetting(value: unknown, index: number): WebhookSetting {
  const what = `webhook senders[${index}]`;
  const known = ['name', 'kind', 'registry', 'secretArn', 'subject', 'organization'];
  const { name, kind, registry, ...rest } = mapOf(value, what, known);
  const found = WEBHOOK_KINDS.find((one) => one === kind);
  if (found === undefined) throw new InvalidValue(`${what}.kind`, kind, `${WEBHOOK_KINDS.join(', ')} would do`);
  const proof = found === 'chainguard' ? ['subject', 'organization'] : ['secretArn'];
  return {
    name: checkWebhookName(textOf(name, `${what}.name`)),
    kind: found,
    registry: parseRegistry(textOf(registry, `${what}.registry`)),
    ...Object.fromEntries(proof.map((one) => [one, textOf(rest[one], `${what}.${one}`)])),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidValue('webhook senders', '…', 'a JSON list of senders would do');
  }
}
