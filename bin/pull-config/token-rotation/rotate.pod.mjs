/**
 * Runs in a pod, on Node alone: writes tokens of Amazon ECR into pull secrets (kubernetes.io/dockerconfigjson), through the
 * Kubernetes API. A registry or a secret that fails stops no other; the exit code says that something did.
 *
 * ROTATION: folder of plan.json. TOKENS: folder of what Amazon ECR has answered. RETRY_MS: before the second attempt; doubles.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withAuths } from './docker-config.pod.mjs';
import { Again, ask, unexpected } from './kubernetes-api.pod.mjs';

const { ROTATION, TOKENS, RETRY_MS = '1000' } = process.env;
const TYPE = 'kubernetes.io/dockerconfigjson';
const KEY = '.dockerconfigjson';
const EXPIRES = 'ecr-mirror/expires';
const ATTEMPTS = 5;

/** A token as a secret holds it. @throws Error that says nothing of the token */
function readToken({ host, token }) {
  let answer;
  try {
    answer = JSON.parse(readFileSync(join(TOKENS, `${token}.ecr-token.json`), 'utf8'));
  } catch {
    throw new Error(`${host}: got no token; the log of the container get-tokens says why`);
  }
  const { authorizationToken, expiresAt } = answer?.authorizationData?.[0] ?? {};
  const credential = Buffer.from(String(authorizationToken ?? ''), 'base64')
    .toString()
    .trim();
  if (!/^AWS:[\x21-\x7e]+$/.test(credential)) throw new Error(`${host}: got no token that can be read; AWS:… would do`);
  const expires = new Date(typeof expiresAt === 'number' ? expiresAt * 1000 : (expiresAt ?? Number.NaN));
  if (Number.isNaN(expires.getTime())) throw new Error(`${host}: got a token without expiresAt; a time would do`);
  if (expires <= new Date()) {
    throw new Error(`${host}: got a token that expired at ${expires.toISOString()}; a clock that is right would do`);
  }
  return { host, auth: Buffer.from(credential).toString('base64'), expires: expires.toISOString() };
}

async function create({ namespace, name }, data, annotations) {
  const labels = { 'app.kubernetes.io/managed-by': 'ecr-mirror' };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels, annotations }, type: TYPE, data };
  const answer = await ask('POST', `/api/v1/namespaces/${namespace}/secrets`, secret);
  if (answer.status !== 201) throw unexpected('create', answer);
}

/** The text of the secret, which is never written over when it is not what it should be. */
function textOf({ type, data }) {
  if (type !== TYPE) throw new Error(`got a secret of another type; ${TYPE} would do`);
  const bytes = Buffer.from(data?.[KEY] ?? '', 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('got bytes that are not UTF-8; a Docker configuration would do');
  }
}

/** Until when all that is in the secret is good: what was not renewed now expires when it did. */
function expiryOf(tokens, whole, before) {
  const times = tokens.map(({ expires }) => expires);
  const known = !whole && before !== undefined && !Number.isNaN(Date.parse(before));
  return (known ? [...times, before] : times).sort()[0];
}

async function rotateOnce(place, tokens, whole) {
  const path = `/api/v1/namespaces/${place.namespace}/secrets/${place.name}`;
  const entries = tokens.map(({ host, auth }) => [host, auth]);
  const encode = (text) => ({ [KEY]: Buffer.from(text).toString('base64') });
  const found = await ask('GET', path);
  if (found.status === 404 && place.create) {
    return create(place, encode(withAuths('{}', entries)), { [EXPIRES]: expiryOf(tokens, true) });
  }
  if (found.status === 404) throw new Error('get: got 404; a secret that is there would do');
  if (found.status !== 200) throw unexpected('get', found);
  const secret = found.json();
  const { resourceVersion, annotations } = secret.metadata;
  // With the version that was read: who has written since then is not written over (409).
  const metadata = { resourceVersion, annotations: { [EXPIRES]: expiryOf(tokens, whole, annotations?.[EXPIRES]) } };
  const changed = await ask('PATCH', path, { metadata, data: encode(withAuths(textOf(secret), entries)) });
  if (changed.status !== 200) throw unexpected('patch', changed);
}

async function rotate(place, tokens, whole) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rotateOnce(place, tokens, whole);
    } catch (error) {
      if (!(error instanceof Again)) throw error;
      if (attempt === ATTEMPTS) throw new Error(`${error.message} ${ATTEMPTS} times; an API that answers would do`);
      await sleep(Number(RETRY_MS) * 2 ** (attempt - 1));
    }
  }
}

async function each(items, step) {
  const done = [];
  for (const item of items) {
    try {
      done.push(await step(item));
    } catch (error) {
      process.exitCode = 1;
      console.error(error.message);
    }
  }
  return done;
}

const { registries, secrets } = JSON.parse(readFileSync(join(ROTATION, 'plan.json'), 'utf8'));
const tokens = await each(registries, readToken);
const whole = tokens.length === registries.length;
await each(tokens.length === 0 ? [] : secrets, async (place) => {
  const name = `secret ${place.namespace}/${place.name}`;
  await rotate(place, tokens, whole).catch(({ message }) => {
    throw new Error(`${name}: ${message}`);
  });
  console.log(`${name}: wrote ${tokens.map(({ host }) => host).join(', ')}; good until ${expiryOf(tokens, true)}`);
});
