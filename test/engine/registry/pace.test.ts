import fc from 'fast-check';
import { type PaceState, paced, type Sample } from '../../../engine/registry/pace';

const BOUNDS = { least: 2, most: 64 };
const START: PaceState = { limit: 16, opening: true, stale: 0, quickest: {}, delay: 0 };
const quick: Sample = { kind: 'HEAD manifest', milliseconds: 10, refused: false, wanted: true };
const refusal: Sample = { ...quick, refused: true };

const following = (samples: readonly Sample[], state = START) =>
  samples.reduce((before, sample) => paced(before, sample, BOUNDS), state);
const times = (count: number, sample: Sample) => Array.from({ length: count }, () => sample);

describe('how many requests a registry is asked at once', () => {
  it('grows to the most while answers are quick and others wait', () => {
    expect(following(times(48, quick)).limit).toBe(64);
    expect(following(times(500, quick)).limit).toBe(64);
  });

  it('stays as it is while nobody waits', () => {
    expect(following(times(100, { ...quick, wanted: false })).limit).toBe(16);
  });

  it('is halved by a refusal, once for all requests that were under way then', () => {
    expect(following(times(16, refusal)).limit).toBe(8);
    expect(following(times(17, refusal)).limit).toBe(8);
    expect(following(times(18, refusal)).limit).toBe(4);
  });

  it('grows slowly after a refusal', () => {
    const cut = following([refusal]);
    expect(following(times(20, quick), cut).limit).toBeGreaterThan(9);
    expect(following(times(20, quick), cut).limit).toBeLessThan(12);
  });

  it('shrinks while answers queue up, and grows again when they no longer do', () => {
    const known = following([quick]);
    const slow = following(times(200, { ...quick, milliseconds: 900 }), known);
    expect(slow.limit).toBeLessThan(known.limit);
    expect(following(times(400, quick), slow).limit).toBeGreaterThan(slow.limit);
  });

  it('takes a slow kind of request for no queue', () => {
    const listing = { ...quick, kind: 'GET tags', milliseconds: 2_000 };
    expect(following([quick, ...times(40, listing)]).limit).toBeGreaterThan(50);
  });

  it('never leaves its bounds, whatever is answered', () => {
    const sample = fc.record({
      kind: fc.constantFrom('a', 'b'),
      milliseconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
      refused: fc.boolean(),
      wanted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 300 }), (samples) => {
        const { limit } = following(samples);
        expect(limit).toBeGreaterThanOrEqual(BOUNDS.least);
        expect(limit).toBeLessThanOrEqual(BOUNDS.most);
      }),
    );
  });
});
