import { generateKeyPairSync } from 'node:crypto';
import { Unsigned } from '../../engine/errors';
import { openRegistries } from '../../engine/registry/registries';
import { Session } from '../../engine/session';
import type { SignatureRequirement } from '../../lib/model/signature-requirement';
import { cosignTag, sbomReferrer } from '../../local/images/artifact';
import { type Built, content } from '../../local/images/content';
import { image as makeImage } from '../../local/images/image';
import { pushBuilt } from '../../local/images/push';
import { type RunningRegistry, startRegistry } from '../../local/registry';
import { readTrust, type Trust } from '../../signatures/trust';
import { verifyImage } from '../../signatures/verify-image';
import {
  bundle,
  bundleReferrer,
  messageBundle,
  type Spoil,
  signatureImage,
  signatureReferrer,
  simpleLayer,
} from './cosign';
import { keySigner, type Signer, type Sigstore, startSigstore } from './sigstore';

const SUBJECT = 'https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1';
const ISSUER = 'https://token.actions.githubusercontent.com';
const asked: SignatureRequirement = { identity: SUBJECT, issuer: ISSUER };

let registry: RunningRegistry;
let sigstore: Sigstore;
let trust: Trust;
let keyless: Signer;
const key = keySigner();
const byKey: SignatureRequirement = { keys: [key.publicKey] };

beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  trust = readTrust(sigstore.trustedRoot, 'trusted root');
  keyless = await sigstore.keyless(SUBJECT, ISSUER);
});
afterAll(() => registry.close());

let count = 0;

/** An image of its own in a repository of its own, and what is found there. */
function newImage(at: RunningRegistry = registry) {
  const name = `app-${count++}`;
  const built = makeImage({ seed: name });
  at.state.place(name, built, '1');
  const descriptor = { ...built.root.descriptor, platform: undefined };
  const { digest } = descriptor;
  return {
    descriptor,
    digest,
    bytes: built.root.bytes,
    refer: (referrer: Built) => pushBuilt(at.address, name, referrer),
    place: (referrer: Built) => at.state.place(name, referrer),
    tag: (signatures: Built) => at.state.place(name, signatures, cosignTag(descriptor)),
    verify: async (requirement: SignatureRequirement, whose: Trust = trust) => {
      const registries = openRegistries({ credentials: { get: async () => undefined }, plainHttp: [at.host] });
      const store = registries.store({ registry: at.host, name });
      try {
        await verifyImage(digest, requirement, store, new Session(), () => whose);
      } finally {
        registries.close();
      }
    },
  };
}

type Image = ReturnType<typeof newImage>;

/** The ways in which cosign leaves a signature. */
const FORMS: ReadonlyArray<
  readonly [
    string,
    (image: Image, signer: Signer, sigstore?: Sigstore, twist?: Parameters<typeof bundle>[3]) => Promise<void>,
  ]
> = [
  [
    'a sigstore bundle',
    async (image, ...how) => image.refer(bundleReferrer(image.descriptor, await bundle(image.digest, ...how))),
  ],
  [
    'layers under its .sig tag',
    async (image, ...how) => image.tag(signatureImage(await simpleLayer(image.digest, ...how))),
  ],
  [
    'layers of a referrer',
    async (image, ...how) => image.refer(signatureReferrer(image.descriptor, await simpleLayer(image.digest, ...how))),
  ],
];

describe.each(FORMS)('an image that is signed by %s', (_, sign) => {
  it('passes when the key is the one that is asked for, and not for another key', async () => {
    const image = newImage();
    await sign(image, key);
    await image.verify(byKey);
    await image.verify({ keys: [keySigner().publicKey, key.publicKey] });
    await expect(image.verify({ keys: [keySigner().publicKey] })).rejects.toThrow('not signed by the key');
  });

  it.each([
    ['Ed25519', () => generateKeyPairSync('ed25519')],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ECDSA on P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ])('passes by a key of %s', async (_, make) => {
    const image = newImage();
    const signer = keySigner(make() as ReturnType<typeof generateKeyPairSync> as never);
    await sign(image, signer);
    await image.verify({ keys: [signer.publicKey] });
    await expect(image.verify(byKey)).rejects.toThrow(Unsigned);
  });

  it('passes when the identity and its issuer are those that are asked for', async () => {
    const image = newImage();
    await sign(image, keyless, sigstore);
    await image.verify(asked);
    await image.verify({ identity: '/https:\\/\\/github\\.com\\/org\\/.*/', issuer: ISSUER });
  });

  it('does not pass for another identity, nor for one that only looks alike', async () => {
    const image = newImage();
    await sign(image, keyless, sigstore);
    for (const identity of [`${SUBJECT}.2`, SUBJECT.slice(0, -1), '/github.com/', '/.*@refs\\/heads\\/.*/']) {
      await expect(image.verify({ identity, issuer: ISSUER })).rejects.toThrow(
        `signed by "${SUBJECT}" of "${ISSUER}"); one by "${identity.replaceAll('\\', '\\\\')}" of "${ISSUER}" would do`,
      );
    }
  });

  it('does not pass for another issuer', async () => {
    const image = newImage();
    await sign(image, keyless, sigstore);
    await expect(image.verify({ identity: SUBJECT, issuer: 'https://accounts.example.com' })).rejects.toThrow(Unsigned);
  });

  it('does not pass with the signature of another digest', async () => {
    const [image, other] = [newImage(), newImage()];
    await sign(image, key, undefined, { says: other.digest });
    await sign(image, keyless, sigstore, { says: other.digest });
    await expect(image.verify(byKey)).rejects.toThrow('it speaks of another digest, "');
    await expect(image.verify(asked)).rejects.toThrow('it speaks of another digest, "');
  });

  it('does not pass by a certificate that was no longer valid when the signature was logged', async () => {
    const later = await startSigstore({ loggedAt: new Date(Date.now() + 3600_000) });
    const image = newImage();
    await sign(image, await later.keyless(SUBJECT, ISSUER), later);
    await expect(image.verify(asked, readTrust(later.trustedRoot, 'trusted root'))).rejects.toThrow(
      'not verified: Failed to verify certificate chain, certificate is not valid or expired at the specified date',
    );
  });

  it('does not pass by a certificate of an authority that is not trusted, such as somebody’s own', async () => {
    const own = await startSigstore();
    const image = newImage();
    await sign(image, await own.keyless(SUBJECT, ISSUER), own);
    await expect(image.verify(asked)).rejects.toThrow('not verified: Failed to verify certificate chain');
  });

  it('does not pass by a certificate whose signature was never logged', async () => {
    const image = newImage();
    await sign(image, keyless, sigstore, { logged: false });
    await expect(image.verify(asked)).rejects.toThrow('not verified: expected 1 timestamps, got 0');
  });

  it('does not pass by a certificate where a key is asked for, nor by a key where an identity is', async () => {
    const [first, second] = [newImage(), newImage()];
    await sign(first, keyless, sigstore);
    await sign(second, key);
    await expect(first.verify(byKey)).rejects.toThrow('not signed by the key: it is keyless, by a certificate');
    await expect(second.verify(asked)).rejects.toThrow('signed by a key, without a certificate');
  });
});

describe('a sigstore bundle that was tampered with', () => {
  it.each<[string, Spoil, RegExp]>([
    [
      'its statement',
      ({ dsseEnvelope }) => {
        const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
        dsseEnvelope.payload = Buffer.from(JSON.stringify({ ...statement, extra: 1 })).toString('base64');
      },
      /not verified: DSSE payload hash mismatch/,
    ],
    [
      'its signature',
      ({ dsseEnvelope }) => {
        dsseEnvelope.signatures[0].sig = Buffer.from('no signature').toString('base64');
      },
      /not verified: tlog entry signature mismatch/,
    ],
    [
      'the time at which it was logged',
      ({ verificationMaterial: { tlogEntries } }) => {
        tlogEntries[0].integratedTime = String(Number(tlogEntries[0].integratedTime) + 1);
      },
      /not verified: inclusion promise could not be verified/,
    ],
    [
      'the log’s promise',
      ({ verificationMaterial: { tlogEntries } }) => {
        tlogEntries[0].inclusionPromise.signedEntryTimestamp = Buffer.from('no promise').toString('base64');
      },
      /not verified: inclusion promise could not be verified/,
    ],
    [
      'the log’s entry',
      ({ verificationMaterial: { tlogEntries } }) => {
        const body = JSON.parse(Buffer.from(tlogEntries[0].canonicalizedBody, 'base64').toString());
        tlogEntries[0].canonicalizedBody = Buffer.from(JSON.stringify({ ...body, more: 1 })).toString('base64');
      },
      /not verified: inclusion promise could not be verified/,
    ],
    [
      'the proof that it is in the log',
      ({ verificationMaterial: { tlogEntries } }) => {
        tlogEntries[0].inclusionProof.rootHash = Buffer.alloc(32).toString('base64');
        tlogEntries[0].inclusionProof.hashes = [Buffer.alloc(32).toString('base64')];
      },
      /not verified: /,
    ],
    [
      'the promise, left out',
      ({ verificationMaterial: { tlogEntries } }) => {
        delete tlogEntries[0].inclusionPromise;
      },
      /not verified: expected 1 timestamps, got 0/,
    ],
    [
      'the proof, left out',
      ({ verificationMaterial: { tlogEntries } }) => {
        delete tlogEntries[0].inclusionProof;
      },
      /no sigstore bundle, although it says so/,
    ],
    [
      'the certificate, cut short',
      ({ verificationMaterial: { certificate } }) => {
        certificate.rawBytes = certificate.rawBytes.slice(0, 400);
      },
      /not verified: /,
    ],
    [
      'its certificate, for a key',
      ({ verificationMaterial }) => {
        delete verificationMaterial.certificate;
        verificationMaterial.publicKey = { hint: '' };
      },
      /signed by a key, without a certificate/,
    ],
  ])('does not count: %s', async (_, spoil, message) => {
    const image = newImage();
    await image.refer(bundleReferrer(image.descriptor, await bundle(image.digest, keyless, sigstore, { spoil })));
    await expect(image.verify(asked)).rejects.toThrow(message);
  });

  it('does not count when its statement is changed, if a key has signed it', async () => {
    const [image, other] = [newImage(), newImage()];
    const spoil = ({ dsseEnvelope }: { dsseEnvelope: { payload: string } }) => {
      const statement = Buffer.from(dsseEnvelope.payload, 'base64').toString();
      const changed = statement.replace(other.digest.slice(7), image.digest.slice(7));
      dsseEnvelope.payload = Buffer.from(changed).toString('base64');
    };
    await image.refer(
      bundleReferrer(image.descriptor, await bundle(image.digest, key, undefined, { says: other.digest, spoil })),
    );
    await expect(image.verify(byKey)).rejects.toThrow('not signed by the key');
  });

  it('cannot keep the process busy by the name of who signed its checkpoint', async () => {
    const image = newImage();
    const spoil: Spoil = ({ verificationMaterial: { tlogEntries } }) => {
      const { checkpoint } = tlogEntries[0].inclusionProof;
      checkpoint.envelope = checkpoint.envelope.replace('\u2014 rekor.sigstore.test ', '\u2014 ((.+)+)+! ');
    };
    await image.refer(bundleReferrer(image.descriptor, await bundle(image.digest, keyless, sigstore, { spoil })));
    await expect(image.verify(asked)).rejects.toThrow(`a checkpoint signed by "((.+)+)+!", no log's name`);
  });
});

describe('cosign’s layers that were tampered with', () => {
  it.each<[string, Spoil, RegExp]>([
    [
      'the payload',
      ({ document }) => {
        document.optional = { approved: 'by somebody else' };
      },
      /not verified: (?:digest mismatch|signature verification failed)/,
    ],
    [
      'the kind of payload',
      ({ document }) => {
        document.critical.type = 'something else';
      },
      /a payload of type "something else", which is no image's signature/,
    ],
    [
      'the payload, without an image',
      ({ document }) => {
        delete document.critical.image;
      },
      /it speaks of no image/,
    ],
    [
      'the signature',
      ({ annotations }) => {
        annotations['dev.cosignproject.cosign/signature'] = 'MEUCIQC6';
      },
      /not verified: signature mismatch/,
    ],
    [
      'the signature, left out',
      ({ annotations }) => {
        delete annotations['dev.cosignproject.cosign/signature'];
      },
      /a layer without a signature/,
    ],
    [
      'the log’s promise, left out',
      ({ annotations }) => {
        const { Payload } = JSON.parse(annotations['dev.sigstore.cosign/bundle']);
        annotations['dev.sigstore.cosign/bundle'] = JSON.stringify({ Payload });
      },
      /not verified: |a certificate or log entry that makes no sense/,
    ],
    [
      'the time of the log',
      ({ annotations }) => {
        const made = JSON.parse(annotations['dev.sigstore.cosign/bundle']);
        made.Payload.integratedTime += 1;
        annotations['dev.sigstore.cosign/bundle'] = JSON.stringify(made);
      },
      /not verified: inclusion promise could not be verified/,
    ],
    [
      'the log entry of another signature',
      ({ annotations }) => {
        const made = JSON.parse(annotations['dev.sigstore.cosign/bundle']);
        const body = JSON.parse(Buffer.from(made.Payload.body, 'base64').toString());
        body.spec.signature.content = 'MEUCIQC6';
        made.Payload.body = Buffer.from(JSON.stringify(body)).toString('base64');
        annotations['dev.sigstore.cosign/bundle'] = JSON.stringify(made);
      },
      /not verified: /,
    ],
    [
      'the log’s annotation',
      ({ annotations }) => {
        annotations['dev.sigstore.cosign/bundle'] = '{';
      },
      /a certificate or log entry that makes no sense/,
    ],
    [
      'the certificate',
      ({ annotations }) => {
        annotations['dev.sigstore.cosign/certificate'] = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
      },
      /a certificate or log entry that makes no sense/,
    ],
  ])('do not count: %s', async (_, spoil, message) => {
    const image = newImage();
    image.tag(signatureImage(await simpleLayer(image.digest, keyless, sigstore, { spoil })));
    await expect(image.verify(asked)).rejects.toThrow(message);
  });

  it('count no less for one good layer among them', async () => {
    const image = newImage();
    const strangers = await Promise.all([1, 2, 3].map(() => simpleLayer(image.digest, keySigner())));
    image.tag(signatureImage(...strangers, await simpleLayer(image.digest, key)));
    await image.verify(byKey);
  });
});

describe('a keyless signature', () => {
  it('may have its time from a timestamp authority', async () => {
    const [first, second] = [newImage(), newImage()];
    const stamped = { stamped: true };
    await first.refer(bundleReferrer(first.descriptor, await bundle(first.digest, keyless, sigstore, stamped)));
    await first.verify(asked);
    second.tag(signatureImage(await simpleLayer(second.digest, keyless, sigstore, stamped)));
    await second.verify(asked);
  });

  it('needs no log where the trusted root has none', async () => {
    const unlogged = await startSigstore({ has: [] });
    const whose = readTrust(unlogged.trustedRoot, 'trusted root');
    const image = newImage();
    const signer = await unlogged.keyless(SUBJECT, ISSUER);
    const made = await bundle(image.digest, signer, unlogged, { stamped: true, logged: false });
    await image.refer(bundleReferrer(image.descriptor, made));
    await image.verify(asked, whose);
  });

  it('needs a log where the trusted root has one, whatever else says when it was made', async () => {
    const image = newImage();
    const made = await bundle(image.digest, keyless, sigstore, { stamped: true, logged: false });
    await image.refer(bundleReferrer(image.descriptor, made));
    await expect(image.verify(asked)).rejects.toThrow('not verified: expected 1 tlog entries, got 0');
  });

  it('may be of the manifest itself', async () => {
    const [image, other] = [newImage(), newImage()];
    await image.refer(bundleReferrer(image.descriptor, await messageBundle(image.bytes, keyless, sigstore)));
    await image.verify(asked);
    await other.refer(bundleReferrer(other.descriptor, await messageBundle(image.bytes, keyless, sigstore)));
    await expect(other.verify(asked)).rejects.toThrow('it speaks of another digest');
  });
});

describe('what is no signature', () => {
  it('is said of an image that has none', async () => {
    const image = newImage();
    await expect(image.verify(byKey)).rejects.toThrow(/^got no signature; one by the key [0-9a-f]{16} would do$/);
    await expect(image.verify(asked)).rejects.toThrow(Unsigned);
  });

  it('is an SBOM, which is not even looked at', async () => {
    const image = newImage();
    await image.refer(sbomReferrer(image.descriptor));
    await expect(image.verify(byKey)).rejects.toThrow('got no signature;');
  });

  it('is a statement of where an image comes from, by whomever it is signed', async () => {
    const image = newImage();
    const made = await bundle(image.digest, key, undefined, { predicate: 'https://slsa.dev/provenance/v1' });
    await image.refer(bundleReferrer(image.descriptor, made));
    await expect(image.verify(byKey)).rejects.toThrow(
      'a statement of "https://slsa.dev/provenance/v1", which is no signature',
    );
  });

  it.each([
    ['text', 'junk'],
    ['another document', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'],
    ['null', 'null'],
    ['a list', '[[[]]]'],
    ['depth', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ])('is a referrer that claims to be a bundle and holds %s', async (_, text) => {
    const image = newImage();
    await image.refer(bundleReferrer(image.descriptor, text));
    await expect(image.verify(byKey)).rejects.toThrow('no sigstore bundle, although it says so');
  });

  it('is more than a signature can be', async () => {
    const image = newImage();
    await image.refer(bundleReferrer(image.descriptor, ' '.repeat(300_000)));
    await expect(image.verify(byKey)).rejects.toThrow('300000 bytes, more than the 262144 that a signature may have');
  });

  it('is a manifest whose layers make no sense', async () => {
    const image = newImage();
    const made = await simpleLayer(image.digest, key);
    const strange = {
      descriptor: { ...made.descriptor, annotations: { number: 7 as unknown as string } },
      bytes: made.bytes,
    };
    image.tag(signatureImage(strange as typeof made));
    await expect(image.verify(byKey)).rejects.toThrow('a manifest that makes no sense');
  });

  it('is one whose layer the registry has lost', async () => {
    const image = newImage();
    const layer = await simpleLayer(image.digest, key);
    image.tag({ ...signatureImage(layer), blobs: [] });
    await expect(image.verify(byKey)).rejects.toThrow('its layer is missing');
  });
});

it('says nothing of signatures when the source cannot be asked', async () => {
  const image = newImage();
  await image.refer(bundleReferrer(image.descriptor, await bundle(image.digest, key)));
  registry.intercept(({ path }) => (path.includes('/blobs/') ? { status: 403 } : undefined));
  try {
    await expect(image.verify(byKey)).rejects.not.toThrow(Unsigned);
  } finally {
    registry.intercept(undefined);
  }
});

describe('thousands of junk signatures', () => {
  it('are looked at up to a number, and the rest is counted', async () => {
    const image = newImage();
    for (let i = 0; i < 9_999; i++) image.place(bundleReferrer(image.descriptor, `junk ${i}`));
    registry.forgetRequests();
    await expect(image.verify(byKey)).rejects.toThrow(
      /and 63 more alike: no sigstore bundle, although it says so and 9935 more not looked at\)/,
    );
    expect(registry.requests.length).toBeLessThan(2 * 64 + 10);
  });

  it('under a .sig tag are looked at up to a number', async () => {
    const image = newImage();
    const layers = await Promise.all(Array.from({ length: 10 }, () => simpleLayer(image.digest, keySigner())));
    image.tag(signatureImage(...Array.from({ length: 10_000 }, (_, i) => layers[i % 10] as (typeof layers)[number])));
    registry.forgetRequests();
    await expect(image.verify(byKey)).rejects.toThrow('and 9936 more not looked at');
    expect(registry.requests.length).toBeLessThan(64 + 10);
  });
});

describe('a registry without the referrers API', () => {
  it('is asked by the fallback tag', async () => {
    const plain = await startRegistry({ referrers: false });
    try {
      const image = newImage(plain);
      const referrer = bundleReferrer(image.descriptor, await bundle(image.digest, key));
      await image.refer(referrer);
      await expect(image.verify(byKey)).rejects.toThrow('got no signature;');
      const { mediaType, digest, size } = referrer.root.descriptor;
      // cosign writes the type of the config, which is the empty one, into the index.
      const manifests = [{ mediaType, digest, size, artifactType: 'application/vnd.oci.empty.v1+json' }];
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
      );
      const index = content('application/vnd.oci.image.index.v1+json', bytes);
      const [name = ''] = [...plain.state.repositories.keys()];
      await pushBuilt(plain.address, name, { root: index, manifests: [index], blobs: [] }, [
        image.digest.replace(':', '-'),
      ]);
      await image.verify(byKey);
    } finally {
      await plain.close();
    }
  });
});
