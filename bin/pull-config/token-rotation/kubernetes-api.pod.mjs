/**
 * Runs in a pod: the Kubernetes API of its cluster, as its service account.
 *
 * ACCOUNT: folder of the account's token and of the certificate authority.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

const { ACCOUNT, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;
const TIMEOUT_MS = 10_000;
/** Bytes; a secret is at most one MiB, and more in base64 and JSON. */
const LARGEST = 4 * 1024 * 1024;

/** What may go better the next time: somebody else has written the secret, or the API does not answer well. */
export class Again extends Error {}

/** Asks the Kubernetes API, once. */
export function ask(method, path, body) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const authorization = `Bearer ${readFileSync(join(ACCOUNT, 'token'), 'utf8').trim()}`;
  return new Promise((resolve, reject) => {
    const fail = ({ code, message }) => reject(new Again(`${method.toLowerCase()}: got ${code ?? message}`));
    const asked = request(
      {
        host: KUBERNETES_SERVICE_HOST,
        port: KUBERNETES_SERVICE_PORT,
        ca: readFileSync(join(ACCOUNT, 'ca.crt')),
        method,
        path,
        headers: { authorization, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': type }) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      (response) => {
        const pieces = [];
        let size = 0;
        response.on('data', (piece) => {
          size += piece.length;
          if (size > LARGEST) asked.destroy(new Error(`an answer of more than ${LARGEST} bytes`));
          else pieces.push(piece);
        });
        response.on('error', fail);
        response.on('end', () => resolve(answerOf(response.statusCode, Buffer.concat(pieces).toString())));
      },
    );
    asked.on('error', fail);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function answerOf(status, text) {
  const json = () => {
    try {
      return JSON.parse(text);
    } catch {
      // Whatever was answered is not shown: it may be part of a secret.
      throw new Error(`got ${status} with text that is not JSON; a Kubernetes API would do`);
    }
  };
  return { status, json };
}

/** Of an answer that is none of those that are meant, its status alone: a message could say what was sent. */
export function unexpected(verb, { status }) {
  if (status === 409 || status === 429 || status >= 500) return new Again(`${verb}: got ${status}`);
  const remedy = status === 403 ? `a role that may ${verb} this secret would do` : '2xx would do';
  return new Error(`${verb}: got ${status}; ${remedy}`);
}
