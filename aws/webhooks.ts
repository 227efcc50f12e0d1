import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../engine/ports';
import { isMap } from '../lib/model/row-reader';
import { type PushedImage, WebhookAttribute } from '../lib/model/webhook';
import { type ClientOptions, configuration } from './clients';
import { awsFailure } from './errors';

/** The two services that the function which takes webhooks calls, made once. */
export interface WebhookClients {
  readonly database: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
}

export function webhookClients(options: ClientOptions = {}): WebhookClients {
  return {
    database: new DynamoDBClient(configuration(options)),
    secrets: new SecretsManagerClient(configuration(options)),
  };
}

/** Seconds for which a webhook is remembered: no honest sender tries longer than that. */
const REMEMBERED = 3 * 24 * 3600;

/**
 * Writes pushes where the controller hears of them, once: what came before is known by its id, also to another environment of
 * the function.
 *
 * @returns false for an id that came before
 * @throws EngineError when it could not be written
 */
export async function keepWebhook(
  { database }: Pick<WebhookClients, 'database'>,
  table: string,
  webhook: { readonly id: string; readonly pushes: readonly PushedImage[]; readonly now: number },
): Promise<boolean> {
  const { ID, PUSHES, EXPIRES } = WebhookAttribute;
  const Item = {
    [ID]: { S: webhook.id },
    [PUSHES]: { S: JSON.stringify(webhook.pushes) },
    [EXPIRES]: { N: String(Math.ceil(webhook.now / 1000) + REMEMBERED) },
  };
  try {
    await database.send(
      new PutItemCommand({
        TableName: table,
        Item,
        ConditionExpression: 'attribute_not_exists(#id)',
        ExpressionAttributeNames: { '#id': ID },
      }),
    );
    return true;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ConditionalCheckFailedException') return false;
    throw awsFailure(`write webhook to ${table}`, cause);
  }
}

/** Milliseconds for which secrets are remembered, and between two readings that somebody's failure asks for. */
const SECRET_LIFE = 5 * 60_000;
const READ_AGAIN = 10_000;
const MOST_SECRETS = 10;

/** Secrets by their ARN. Whoever sends nonsense does not have them read again and again. */
export function webhookSecrets(
  { secrets }: Pick<WebhookClients, 'secrets'>,
  clock: Clock,
): (arn: string, fresh: boolean) => Promise<readonly string[]> {
  const known = new Map<string, { readonly at: number; readonly values: readonly string[] }>();
  return async (arn, fresh) => {
    const found = known.get(arn);
    if (found !== undefined && clock.now() - found.at < (fresh ? READ_AGAIN : SECRET_LIFE)) return found.values;
    try {
      const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
      const values = valuesIn(SecretString);
      known.set(arn, { at: clock.now(), values });
      return values;
    } catch (cause) {
      throw awsFailure(`read secret ${arn}`, cause);
    }
  };
}

/** A text, or a JSON list of several that count while one takes the place of another. */
function valuesIn(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').slice(0, MOST_SECRETS);
  } catch {
    // A text.
  }
  return [text.trim()];
}

/** The pushes in a record of the stream of that table; undefined for a record of another one. */
export function pushesIn(record: unknown): readonly PushedImage[] | undefined {
  const change = isMap(record) && isMap(record.dynamodb) ? record.dynamodb : {};
  const item = isMap(change.NewImage) ? change.NewImage : {};
  const pushes = item[WebhookAttribute.PUSHES];
  if (item[WebhookAttribute.ID] === undefined || !isMap(pushes) || typeof pushes.S !== 'string') return undefined;
  return JSON.parse(pushes.S) as PushedImage[];
}
