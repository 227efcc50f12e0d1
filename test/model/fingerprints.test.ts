import { createFingerprints, fingerprint } from '../../lib/model/fingerprints';

describe('fingerprints', () => {
  it('know what was added from what was not, and say whether it was new', () => {
    const found = createFingerprints();
    expect(found.add('localhost/a:1')).toBe(true);
    expect(found.add('localhost/a:1')).toBe(false);
    expect(found.has('localhost/a:1')).toBe(true);
    expect(found.has('localhost/a:2')).toBe(false);
    expect(found.has('')).toBe(false);
    expect(found.size).toBe(1);
  });

  it('keep what they know while they grow for three thousand', () => {
    const found = createFingerprints();
    for (let number = 0; number < 3000; number += 1) {
      expect(found.add(`localhost/a:${number}`)).toBe(true);
      expect(found.size).toBe(number + 1);
    }
    for (let number = 0; number < 3000; number += 1) {
      expect(found.add(`localhost/a:${number}`)).toBe(false);
      expect(found.has(`localhost/b:${number}`)).toBe(false);
    }
    expect(found.size).toBe(3000);
  });

  it('take fifty thousand texts that are nearly alike for none but themselves', () => {
    const found = createFingerprints();
    const text = (number: number) => `quay.io/team-${number % 7}/service-${number % 500}:1.${number}`;
    const numbers = Array.from({ length: 50_000 }, (_, number) => number);
    expect(numbers.filter((number) => !found.add(text(number)))).toEqual([]);
    expect(numbers.filter((number) => !found.has(text(number)))).toEqual([]);
    expect(numbers.filter((number) => found.has(text(number + 50_000)))).toEqual([]);
    expect(found.size).toBe(50_000);
  });
});

describe('the fingerprint of one text', () => {
  it('is eight hexadecimal digits, the same each time', () => {
    const texts = ['', 'a', 'job', JSON.stringify({ image: 'node:22' }), '\u2028'.repeat(1000)];
    for (const text of texts) expect(fingerprint(text)).toMatch(/^[0-9a-f]{8}$/);
    expect(texts.map(fingerprint)).toEqual(texts.map(fingerprint));
    expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
  });
  it('is another one for a text that differs anywhere, in whatever order', () => {
    const texts = Array.from({ length: 10_000 }, (_, number) => `${'x'.repeat(number % 7)}${number}`);
    // By chance two of so many are the same once in some hundred tries: these are not.
    expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
    expect(fingerprint('ab')).not.toBe(fingerprint('ba'));
  });
});
