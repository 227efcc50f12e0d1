import { jsonLog } from '../aws/log';
import { keepWebhook, webhookClients, webhookSecrets } from '../aws/webhooks';
import { systemClock } from '../engine/ports';
import { parseEndpoints } from '../lib/model/endpoints';
import { Env } from '../lib/model/names';
import { parseWebhookSettings, WebhookEnv } from '../lib/model/webhook';
import { issuerKeys } from './webhook/issuer';
import { type Receiver, receive } from './webhook/receive';
import { CHAINGUARD_ISSUER } from './webhook/token';

/** What a function URL calls. Its environment is read once; what is wrong with it fails each invocation. */
export const handler = (() => {
  const clients = webhookClients();
  const clock = systemClock;
  const table = process.env[WebhookEnv.TABLE] ?? '';
  let receiver: Receiver | undefined;
  const open = (): Receiver => ({
    senders: parseWebhookSettings(process.env[WebhookEnv.SENDERS] ?? ''),
    secrets: webhookSecrets(clients, clock),
    keys: issuerKeys(CHAINGUARD_ISSUER, { endpoints: parseEndpoints(process.env[Env.REGISTRY_ENDPOINTS]), clock }),
    keep: (id, pushes) => keepWebhook(clients, table, { id, pushes, now: clock.now() }),
    clock,
    log: jsonLog((line) => {
      process.stdout.write(`${line}\n`);
    }),
  });
  return async (event: unknown) => {
    receiver ??= open();
    return receive(event, receiver);
  };
})();
