import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TagImmutable } from '../../engine/errors';
import { openLayout } from '../../engine/layout';
import type { Credential } from '../../engine/ports';
import { openRegistries } from '../../engine/registry/registries';
import { secretNamed } from '../../local/canary';
import { ecrApi } from '../../local/ecr';
import { image } from '../../local/images';
import { type EmbeddedRegistryOptions, type RunningRegistry, startRegistry } from '../../local/registry';
import { describeStore, type StorePlace } from '../suites/store';

const PASSWORD = { username: 'someone', password: secretNamed('of-someone') };

async function openEmbedded(
  options: EmbeddedRegistryOptions = {},
): Promise<StorePlace & { registry: RunningRegistry }> {
  const registry = await startRegistry(options);
  const registries = openRegistries({
    credentials: { get: async () => credentialFor(registry, options) },
    plainHttp: [registry.host, ...(registry.bucketHost === undefined ? [] : [registry.bucketHost])],
    ...(registry.ecr === undefined ? {} : { endpoints: { [registry.ecr.host]: registry.address } }),
  });
  const name = registry.ecr?.host ?? registry.host;
  return {
    registry,
    store: (repository) => registries.store({ registry: name, name: repository }),
    close: async () => {
      registries.close();
      await registry.close();
    },
  };
}

function credentialFor(registry: RunningRegistry, options: EmbeddedRegistryOptions): Credential | undefined {
  if (options.auth !== undefined) return { kind: 'basic', ...PASSWORD };
  const token = registry.ecr?.authorizationToken().token;
  if (token === undefined) return undefined;
  const [username = '', password = ''] = Buffer.from(token, 'base64').toString().split(':');
  return { kind: 'basic', username, password };
}

async function openEcr(options: { readonly blobMounting?: boolean } & EmbeddedRegistryOptions = {}) {
  const { blobMounting, ...rest } = options;
  const place = await openEmbedded({ ...rest, personality: { kind: 'ecr', blobMounting } });
  ecrApi(place.registry)('CreateRepositoryCreationTemplate', { prefix: 'ROOT', appliedFor: ['CREATE_ON_PUSH'] });
  return place;
}

describeStore('embedded registry', () => openEmbedded());
describeStore('embedded registry with bearer tokens and relative locations', () =>
  openEmbedded({ auth: { kind: 'bearer', users: [PASSWORD] }, relativeLocations: true }),
);
describeStore('embedded registry without the referrers API, with files', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-test-'));
  const place = await openEmbedded({ referrers: false, directory, auth: { kind: 'basic', users: [PASSWORD] } });
  return {
    ...place,
    close: async () => {
      await place.close();
      rmSync(directory, { recursive: true });
    },
  };
});
describeStore('embedded Docker Hub', () => openEmbedded({ personality: { kind: 'docker-hub', limit: 10_000 } }));
describeStore('embedded Amazon ECR', () => openEcr());
describeStore('embedded Amazon ECR that mounts and does not announce subjects', () =>
  openEcr({ blobMounting: true, announceSubject: false }),
);
describeStore('OCI layout', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-test-'));
  return {
    store: (name) => openLayout(join(directory, name)),
    close: async () => rmSync(directory, { recursive: true, force: true }),
  };
});

describe('a store in Amazon ECR', () => {
  it('says that an immutable tag is one, even for the identical image', async () => {
    const { registry, store, close } = await openEcr();
    try {
      const built = image({ seed: 'frozen' });
      registry.state.create('app', { tagMutability: 'IMMUTABLE' });
      registry.state.place('app', built, 'v1');
      const push = store('app').pushManifest(built.root.descriptor, built.root.bytes, { tag: 'v1' });
      await expect(push).rejects.toBeInstanceOf(TagImmutable);
    } finally {
      await close();
    }
  });
});
