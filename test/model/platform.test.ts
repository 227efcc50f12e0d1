import fc from 'fast-check';
import { formatPlatform, formatPlatforms, normalizePlatform, parsePlatform } from '../../lib/model/platform';
import { resultOrLine } from '../spoilt';

describe('a platform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['linux/arm64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i386', 'linux/386'],
    [' Linux/AMD64 ', 'linux/amd64'],
    ['macos/arm64', 'darwin/arm64'],
    ['windows/amd64', 'windows/amd64'],
    ['linux/sw64', 'linux/sw64'],
  ])('%s is %s', (text, meant) => {
    expect(formatPlatform(parsePlatform(text))).toBe(meant);
  });

  it.each([
    ['', /platform: got ""; os\/architecture such as linux\/amd64 or linux\/arm\/v7 would do/],
    ['amd64', /got "amd64"; linux\/amd64 would do/],
    ['x86_64', /linux\/amd64 would do/],
    ['armhf', /linux\/arm\/v7 would do/],
    ['linux-arm64', /linux\/arm64 would do/],
    ['linux:arm:v7', /linux\/arm\/v7 would do/],
    ['linux', /os\/architecture/],
    ['linux/', /os\/architecture/],
    ['linux/amd64/v2/x', /os\/architecture|linux\/amd64/],
    ['linux/amd46', /linux\/amd64 would do/],
    ['linx/amd64', /linux\/amd64 would do/],
    ['linux/arm46', /linux\/arm64 would do/],
    ['linux/a\nb', /os\/architecture/],
    ['unknown/unknown', /the platform of an image, with which its attestations go, would do/],
  ])('is not %j', (text, line) => {
    expect(() => parsePlatform(text)).toThrow(line);
  });

  it('is said in one way: what was read and written is read as the same', () => {
    const part = fc.constantFrom('linux', 'windows', 'amd64', 'arm64', 'arm', 'x86_64', 'armel', 'v8', 'v7', '6', 'v1');
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 3 }), (parts) => {
        const platform = resultOrLine(() => parsePlatform(parts.join('/')), 'InvalidValue');
        if (platform === undefined) return;
        expect(parsePlatform(formatPlatform(platform))).toEqual(platform);
        expect(normalizePlatform(platform)).toEqual(platform);
      }),
    );
  });

  it('or a line that says why not, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        resultOrLine(() => parsePlatform(text), 'InvalidValue');
      }),
    );
  });

  it('has one text for a set of them', () => {
    const some = ['linux/arm64', 'linux/amd64'].map(parsePlatform);
    expect(formatPlatforms(some)).toBe('linux/amd64,linux/arm64');
    expect(formatPlatforms([...some].reverse())).toBe('linux/amd64,linux/arm64');
  });
});
