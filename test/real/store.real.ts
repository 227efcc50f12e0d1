import { openRegistries } from '../../engine/registry/registries';
import { describeStore, type StorePlace } from '../suites/store';
import { describeWith } from './needs';
import { type RealRegistry, startDockerRegistry, startGgcrRegistry, startZot } from './registries';

async function open(start: () => Promise<RealRegistry>): Promise<StorePlace> {
  const registry = await start();
  const registries = openRegistries({ credentials: { get: async () => undefined }, plainHttp: [registry.host] });
  return {
    store: (name) => registries.store({ registry: registry.host, name }),
    close: async () => {
      registries.close();
      await registry.close();
    },
  };
}

describeWith(['docker-registry'], 'real', () => describeStore('docker-registry', () => open(startDockerRegistry)));
describeWith(['zot'], 'real', () => describeStore('zot', () => open(startZot)));
describeWith(['ggcr-registry'], 'real', () =>
  describeStore("go-containerregistry's registry", () => open(startGgcrRegistry), {
    // It looks for the children of an index, and leaves blobs to the client.
    checksBlobs: false,
    // It gives the media type of the config for the type, whatever `artifactType` says.
    listsArtifactTypes: false,
  }),
);
