import { isForeignLayer, isImageManifest, isIndex, isManifest, isSchema1, MediaType } from '../../lib/model/descriptor';
import { digestAlgorithm, digestEncoded, isDigest, parseDigest } from '../../lib/model/digest';
import { InvalidValue, printable, show } from '../../lib/model/invalid';
import { mapRepository, prefixesOf } from '../../lib/model/mapping';
import { destinationReference } from '../../lib/model/mirror';
import { formatReference, formatRepository, isTag, parseReference, parseRepository } from '../../lib/model/reference';

const SHA256 = `sha256:${'0a'.repeat(32)}`;
const SHA512 = `sha512:${'0a'.repeat(64)}`;

describe('digest', () => {
  it('takes sha256 and sha512', () => {
    expect(digestAlgorithm(parseDigest(SHA256))).toBe('sha256');
    expect(digestEncoded(parseDigest(SHA512))).toBe('0a'.repeat(64));
  });
  it.each([
    '',
    'sha256',
    'sha256:',
    SHA256.toUpperCase(),
    `${SHA256}0`,
    SHA256.slice(0, -1),
    `sha384:${'0a'.repeat(48)}`,
    `constructor:${'0a'.repeat(32)}`,
    `sha256:${'0a'.repeat(31)}\n0`,
  ])('refuses %j', (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(InvalidValue);
  });
  it('is no digest when it is no text', () => {
    expect([undefined, null, 1, [SHA256]].some(isDigest)).toBe(false);
  });
});

describe('media types', () => {
  it('tells indexes, image manifests and schema 1 apart', () => {
    expect([MediaType.OCI_INDEX, MediaType.DOCKER_LIST].every(isIndex)).toBe(true);
    expect([MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST].every(isImageManifest)).toBe(true);
    expect([MediaType.DOCKER_SCHEMA1, MediaType.DOCKER_SCHEMA1_SIGNED].every(isSchema1)).toBe(true);
    expect(isManifest(MediaType.OCI_CONFIG)).toBe(false);
  });
  it('knows foreign layers by their media type', () => {
    expect(isForeignLayer('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')).toBe(true);
    expect(isForeignLayer('application/vnd.oci.image.layer.nondistributable.v1.tar+zstd')).toBe(true);
    expect(isForeignLayer(MediaType.OCI_LAYER_GZIP)).toBe(false);
  });
});

describe('what may be shown', () => {
  it('has no control characters, nor ones that turn a line around', () => {
    expect(printable('a\u001b[2Jb\nc\u202ed\u2066e\u0085f')).toBe('a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf');
  });
  it('is short', () => {
    expect(show('x'.repeat(10_000)).length).toBeLessThanOrEqual(120);
  });
  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [5, 'the number 5'],
    [true, 'the boolean true'],
    ['a"b', '"a\\"b"'],
    [[], 'a list (empty)'],
    [[1, 2, 3, 4], 'a list (1, 2, 3, … 4 in all)'],
    [new Set(['a']), 'a set (a)'],
    [{ a: 1 }, 'a map (a)'],
    [[Object.create(null)], 'a list ({…})'],
    [[['x']], 'a list ({…})'],
  ])('says %j as %s', (value, said) => {
    expect(show(value)).toBe(said);
  });
  it('makes an error of one line', () => {
    expect(new InvalidValue('tag', 'a\nb', 'another would do').message).toBe('tag: got "a\ufffdb"; another would do');
  });
});

describe('mapRepository', () => {
  const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const mapped = (source: string, mapping = {}) => {
    const repository = mapRepository({ registry, ...mapping }, parseRepository(source));
    return repository === undefined ? undefined : formatRepository(repository).slice(registry.length + 1);
  };

  it('keeps the whole path under the prefix and a word for the registry', () => {
    expect(mapped('nginx')).toBe('mirror/docker-hub/library/nginx');
    expect(mapped('public.ecr.aws/docker/library/nginx')).toBe('mirror/ecr-public/docker/library/nginx');
  });
  it('uses the host of a registry that has no word', () => {
    expect(mapped('registry.example.com:5000/app')).toBe('mirror/registry.example.com-5000/app');
    expect(mapped('[::1]:5000/app')).toBe('mirror/1-5000/app');
  });
  it('gives a repository for every registry, one called constructor too', () => {
    expect(mapped('Constructor/app', { aliases: {} })).toBe('mirror/constructor/app');
  });
  it('leaves library/ out where that was asked for, on Docker Hub alone', () => {
    expect(mapped('nginx', { dropLibrary: true })).toBe('mirror/docker-hub/nginx');
    expect(mapped('ghcr.io/library/x', { dropLibrary: true })).toBe('mirror/ghcr/library/x');
  });
  it('takes a prefix and words of its own, empty ones too', () => {
    expect(mapped('nginx', { prefix: '', aliases: { 'docker.io': '' } })).toBe('library/nginx');
    expect(mapped('quay.io/a/b', { prefix: 'm/n', aliases: { 'quay.io': 'red' } })).toBe('m/n/red/a/b');
  });
  it('may be otherwise for single registries', () => {
    const registries = {
      'docker.io': { drop: 'library' },
      'quay.io': { prefix: 'red', alias: '', drop: 'org' },
      'ghcr.io': { alias: 'gh' },
    };
    expect(mapped('nginx', { registries })).toBe('mirror/docker-hub/nginx');
    expect(mapped('quay.io/org/a/b', { registries, aliases: { 'quay.io': 'q' } })).toBe('red/a/b');
    expect(mapped('quay.io/organ/a', { registries })).toBe('red/organ/a');
    expect(mapped('ghcr.io/a/b', { registries, prefix: 'm' })).toBe('m/gh/a/b');
    expect(prefixesOf({ registries })).toEqual(['mirror', 'red']);
  });
  it('has no destination without a registry', () => {
    expect(mapRepository({}, parseRepository('nginx'))).toBeUndefined();
  });
});

describe('destinationReference', () => {
  const repository = parseRepository('ghcr.io/m/app');
  const pinned = parseReference(`nginx@${SHA256}`);

  it.each([
    [undefined, 'ghcr.io/m/app:1.27'],
    ['stable', 'ghcr.io/m/app:stable'],
    ['{tag}-mirror', 'ghcr.io/m/app:1.27-mirror'],
    ['a-{tag}-{tag}', 'ghcr.io/m/app:a-1.27-1.27'],
  ])('of the tag %s', (tag, written) => {
    expect(formatReference(destinationReference({ repository, ...(tag ? { tag } : {}) }, { tag: '1.27' }))).toBe(
      written,
    );
  });
  it('names a pin without a tag after its digest', () => {
    expect(destinationReference({ repository }, pinned).tag).toBe(`sha256.${'0a'.repeat(32)}`);
  });
  it('names a sha512 pin by as much of it as a tag holds', () => {
    const { tag = '' } = destinationReference({ repository }, parseReference(`nginx@${SHA512}`));
    expect(tag).toHaveLength(128);
    expect(isTag(tag)).toBe(true);
  });
});
