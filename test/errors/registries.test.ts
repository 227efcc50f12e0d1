import { askHelper } from '../../bin/credential-helper';
import { Pulls } from '../../engine/pulls';
import { checkUrl, hostsOf } from '../../engine/registry/hosts';
import { openRegistries } from '../../engine/registry/registries';
import type { ErrorCode, NetworkCode, RegistryCode } from '../../lib/model/error-code';
import { ERRORS } from '../../lib/model/errors';
import { makeAuthority } from '../../local/certificates';
import {
  ALICE,
  anonymous,
  Bench,
  blobOf,
  errorBody,
  failureOf,
  fakeClock,
  MANIFEST,
  manifest,
  only,
  type Reply,
} from '../engine/registry/scripted';
import { speakTls } from '../fakes/tunnels';

const bench = new Bench();
const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await bench.close();
  for (const one of closing.splice(0)) await one.close();
});

type Options = Parameters<Bench['store']>[1];
const storeOf = async (reply: Reply, options?: Options) => bench.store(await bench.serve(() => reply), options);
const read = async (reply: Reply, options?: Options) => (await storeOf(reply, options)).fetchManifest(manifest);
const write = async (reply: Reply) => (await storeOf(reply)).pushManifest(manifest, MANIFEST, { tag: '1' });
const at = async (host: string, endpoints: Record<string, string> = {}) => {
  const registries = openRegistries({ credentials: anonymous, clock: fakeClock(), endpoints });
  try {
    return await registries.store({ registry: host, name: 'app' }).fetchManifest(manifest);
  } finally {
    registries.close();
  }
};

/** What brings each about, at a registry or on the way there: whatever was thrown is looked at. */
const PROVOKED: Readonly<Record<RegistryCode | NetworkCode, () => Promise<unknown>>> = {
  AUTH_REQUIRED: () => read({ status: 401 }),
  AUTH_DENIED: () => read({ status: 401, headers: { 'www-authenticate': 'Basic' } }, { credentials: only(ALICE) }),
  CREDENTIAL_UNAVAILABLE: () => askHelper('not-installed', 'quay.io', {}),
  IMAGE_MISSING: () => read({ status: 404, body: errorBody('MANIFEST_UNKNOWN') }),
  REPOSITORY_MISSING: () => read({ status: 404, body: errorBody('NAME_UNKNOWN') }),
  TAG_IMMUTABLE: () => write({ status: 400, body: errorBody('TAG_INVALID', 'the tag is immutable') }),
  RATE_LIMITED: () => read({ status: 429, body: errorBody('TOOMANYREQUESTS') }),
  async PULLS_EXHAUSTED() {
    const headers = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' };
    const request = { registry: 'docker.io', method: 'GET', kind: 'manifest' } as const;
    throw new Pulls({ clock: fakeClock() }).heard(request, 'docker.io/library/app', { status: 429, headers });
  },
  REGISTRY_FAILED: () => read({ status: 503 }),
  REQUEST_REFUSED: () => write({ status: 405 }),
  async TRANSFER_INTERRUPTED() {
    const server = await bench.serve(({ method }) =>
      method === 'PUT'
        ? { status: 404, body: errorBody('BLOB_UPLOAD_UNKNOWN') }
        : { status: 202, headers: { location: '/v2/app/blobs/uploads/1' } },
    );
    await bench.store(server).pushBlob(blobOf(Buffer.from('x')), Buffer.from('x'));
  },
  async ANSWER_UNUSABLE() {
    const store = await storeOf({ status: 200, body: '<html>Please log in</html>' });
    for await (const _ of store.tags()) throw new Error('it has tags');
  },
  HOST_UNKNOWN: () => at('registry.invalid'),
  UNREACHABLE: () => at('registry.test', { 'registry.test': 'http://127.0.0.1:1' }),
  async CERTIFICATE_UNTRUSTED() {
    const plain = await bench.serve(() => ({ status: 200 }));
    const secure = await speakTls(makeAuthority().issue('127.0.0.1'), plain.host);
    closing.push(secure);
    await at('registry.test', { 'registry.test': `https://${secure.host}` });
  },
  async TLS_MISSING() {
    const plain = await bench.serve(() => ({ status: 200 }));
    await at('registry.test', { 'registry.test': `https://${plain.host}` });
  },
  ADDRESS_REFUSED: () => at('169.254.169.254'),
  PLAIN_HTTP_REFUSED: async () => checkUrl(hostsOf({ endpoints: {} }), new URL('http://registry.test/'), false),
  REDIRECT_REFUSED: () => read({ status: 401, headers: { 'www-authenticate': 'Bearer realm="ftp://token.test/"' } }),
};

describe('an error of a registry, or on the way there', () => {
  it.each(Object.keys(PROVOKED) as (keyof typeof PROVOKED)[])('is called %s', async (code) => {
    const error = (await failureOf(PROVOKED[code]())) as Error & { code: ErrorCode; failure: 'usage' };
    expect(error.code).toBe(code);
    expect(ERRORS[code].asks).toContain(error.failure);
    expect(error.message).not.toContain('\n');
  });
});
