import fc from 'fast-check';
import type { Copy } from '../../lib/model/copy';
import { MediaType } from '../../lib/model/descriptor';
import { type Digest, parseDigest } from '../../lib/model/digest';
import type { Reference, Repository } from '../../lib/model/reference';

/** Values of the model, any that may occur. */

export const digest: fc.Arbitrary<Digest> = fc
  .oneof(
    fc.tuple(fc.constant('sha256'), fc.stringMatching(/^[a-f0-9]{64}$/)),
    fc.tuple(fc.constant('sha512'), fc.stringMatching(/^[a-f0-9]{128}$/)),
  )
  .map(([algorithm, encoded]) => parseDigest(`${algorithm}:${encoded}`));

export const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);

const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const registry = fc.oneof(
  fc.constantFrom('docker.io', 'localhost', 'localhost:5000', '[::1]:5000', '[2001:db8::1]', '127.0.0.1:8080'),
  fc.stringMatching(/^[a-z][a-z0-9]{0,8}(?:-[a-z0-9]{1,4})?\.[a-z]{2,5}(?::[1-9][0-9]{1,3})?$/),
);

export const repository: fc.Arbitrary<Repository> = fc
  .tuple(registry, fc.array(component, { minLength: 1, maxLength: 4 }))
  .map(([host, [first = '', ...rest]]) => ({
    registry: host.replace(/:443$/, ''),
    name: host === 'docker.io' && rest.length === 0 ? `library/${first}` : [first, ...rest].join('/'),
  }));

export const reference: fc.Arbitrary<Reference> = fc.record(
  { repository, tag, digest },
  { requiredKeys: ['repository'] },
);

const platforms = fc.array(
  fc.record(
    {
      os: fc.constantFrom('linux', 'windows'),
      architecture: fc.constantFrom('amd64', 'arm'),
      variant: fc.constant('v7'),
    },
    { requiredKeys: ['os', 'architecture'] },
  ),
  { minLength: 1, maxLength: 3 },
);
const requireSignature = fc.constant({
  identity: 'https://github.com/org/app/.github/workflows/release.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
});

export const copy: fc.Arbitrary<Copy> = fc
  .record({
    mirrors: fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 1, maxLength: 3 }),
    repository,
    digest,
    tag: fc.option(tag, { nil: undefined }),
    size: fc.nat(),
    destinations: fc.array(
      fc.record(
        {
          reference,
          why: fc.constantFrom('missing' as const, 'changed' as const, 'referrers' as const, 'verify' as const),
          fence: fc.nat(),
          keepPrevious: fc.constant(true),
          onConflict: fc.constant('suffix' as const),
        },
        { requiredKeys: ['reference', 'why'] },
      ),
      { minLength: 1, maxLength: 4 },
    ),
    referrers: fc.boolean(),
    demands: fc.record({ platforms, compare: fc.constant('config' as const), requireSignature }, { requiredKeys: [] }),
  })
  .map(({ mirrors, repository: from, digest: pinned, tag: name, size, destinations, referrers, demands }) => ({
    mirrors,
    source: { repository: from, ...(name === undefined ? {} : { tag: name }), digest: pinned },
    root: { mediaType: MediaType.OCI_INDEX, digest: pinned, size },
    destinations,
    referrers,
    ...demands,
  }));
