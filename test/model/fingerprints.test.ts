import { createFingerprints } from '../../lib/model/fingerprints';

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

  it('take two hundred thousand texts that are nearly alike for none but themselves', () => {
    const found = createFingerprints();
    const text = (number: number) => `quay.io/team-${number % 7}/service-${number % 500}:1.${number}`;
    for (let number = 0; number < 200_000; number += 1) expect(found.add(text(number))).toBe(true);
    for (let number = 0; number < 200_000; number += 997) expect(found.has(text(number))).toBe(true);
    for (let number = 200_000; number < 400_000; number += 1) expect(found.has(text(number))).toBe(false);
    expect(found.size).toBe(200_000);
  });
});
