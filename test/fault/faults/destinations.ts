import { image } from '../../../local/images';
import { type Family, refusing } from '../fault';
import { at } from '../target';
import { TAG } from '../world';

const ECR = { personality: { kind: 'ecr', repositories: ['copy1'] } } as const;

/** What destinations refuse, as Amazon ECR says it. */
export const destinations: Family = {
  name: 'Destinations',
  faults: [
    {
      name: 'has the tag, immutable, for another image',
      places: at('destination', 'push'),
      registry: ECR,
      prepare: ({ state }) => {
        state.place('copy1', image({ seed: 'of old' }), TAG);
        const repository = state.create('copy1');
        repository.settings = { ...repository.settings, tagMutability: 'IMMUTABLE' };
      },
      always: /the tag is immutable there/,
    },
    {
      name: 'has the tag, immutable, for the image while it is copied',
      places: at('destination', 'push'),
      registry: ECR,
      async strike(exchange, { registries, image: built }) {
        const { state } = registries.destination;
        const repository = state.create('copy1');
        repository.settings = { ...repository.settings, tagMutability: 'IMMUTABLE' };
        if (exchange.path.endsWith(`/${TAG}`)) state.place('copy1', built, TAG);
        exchange.reply(await exchange.forward());
      },
      always: 'exact',
    },
    {
      name: 'has no such repository',
      places: at('destination', 'open'),
      registry: { personality: { kind: 'ecr' } },
      always: /the repository does not exist there: declare its image/,
    },
    {
      name: 'has reached its quota of images',
      places: at('destination', 'push'),
      registry: ECR,
      strike: refusing(400, 'LIMIT_EXCEEDED', 'The number of images exceeds the quota of this repository'),
      once: /LIMIT_EXCEEDED The number of images/,
      always: /LIMIT_EXCEEDED The number of images/,
    },
    {
      name: 'has calls above its rate',
      places: at('destination', 'push', 'open', 'upload'),
      registry: ECR,
      strike: refusing(429, 'TOOMANYREQUESTS', 'Rate exceeded'),
      always: /429 TOOMANYREQUESTS/,
    },
    {
      name: 'may not use its key',
      places: at('destination', 'open', 'upload', 'push'),
      registry: ECR,
      strike: refusing(400, 'KMS', 'The operation failed due to a KMS exception: access to the key is denied'),
      once: /KMS exception/,
      always: /KMS exception/,
    },
    {
      name: 'lacks a child that it said it has',
      places: at('destination', 'push'),
      async strike(exchange, { registries, image: built }) {
        const child = built.manifests.find(({ descriptor }) => descriptor.platform?.architecture === 'arm64');
        const isRoot = exchange.path.endsWith(built.root.descriptor.digest) || exchange.path.endsWith(TAG);
        if (isRoot)
          registries.destination.state.repositories.get('copy1')?.manifests.delete(child?.descriptor.digest ?? '');
        exchange.reply(await exchange.forward());
      },
      always: /MANIFEST_BLOB_UNKNOWN|MANIFEST_UNKNOWN/,
    },
    {
      name: 'shows a blob only a while after it was pushed',
      places: at('destination', 'push'),
      strike: refusing(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'),
      always: /MANIFEST_BLOB_UNKNOWN/,
    },
    {
      name: 'shows blobs only a while after they were pushed, as Amazon ECR says it',
      places: at('destination', 'push'),
      registry: ECR,
      strike: refusing(
        404,
        'MANIFEST_BLOB_UNKNOWN',
        "Layers with digests '[sha256:0]' required for pushing image do not exist",
      ),
      always: /MANIFEST_BLOB_UNKNOWN/,
    },
    {
      name: 'takes no manifest that refers to another',
      places: at('destination', 'push'),
      async strike(exchange) {
        const refers = (await exchange.body()).includes('"subject"');
        if (refers) return refusing(405, 'UNSUPPORTED', 'no subjects')(exchange);
        exchange.reply(await exchange.forward());
      },
      once: 'exact',
      always: /Referrers: false/,
      random: false,
    },
  ],
};
