import { capacity, Line } from '../../../bench/network/line';

/** A thousand bytes in a millisecond. */
const DISTANCE = { roundTrip: 40, rate: 8e6 };

describe('a line', () => {
  it('delays by half a round trip and by the time that the bytes take', () => {
    expect(new Line(DISTANCE, 0).arrival(100, 1000)).toBe(100 + 1 + 20);
  });

  it('sends what comes together one after another', () => {
    const line = new Line(DISTANCE, 0);
    expect([line.arrival(0, 1000), line.arrival(0, 500), line.arrival(0, 500)]).toEqual([21, 21.5, 22]);
  });

  it('is idle after a pause, and saves nothing up for later', () => {
    const line = new Line(DISTANCE, 0);
    line.arrival(0, 1000);
    expect([line.arrival(500, 1000), line.arrival(500, 1000)]).toEqual([521, 522]);
  });

  it('takes nothing before it is open', () => {
    expect(new Line(DISTANCE, 40).arrival(0, 1000)).toBe(40 + 1 + 20);
  });

  it('comes to its rate however the bytes are cut', () => {
    for (const size of [1, 7, 1448, 65_536]) {
      const line = new Line(DISTANCE, 0);
      let last = 0;
      for (let left = 10_000; left > 0; left -= size) last = line.arrival(0, Math.min(size, left));
      expect(last).toBeCloseTo(10 + 20, 6);
    }
  });

  it('holds what is under way, and so much more that it is never empty in between', () => {
    expect(capacity(DISTANCE)).toBeGreaterThan(20 * 1000);
    expect(capacity({ roundTrip: 80, rate: 8e6 }) - capacity(DISTANCE)).toBe(20 * 1000);
  });
});
