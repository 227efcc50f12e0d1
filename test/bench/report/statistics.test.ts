import { formatRatio, median, ratioToBest } from '../../../bench/report/statistics';

describe('the median', () => {
  it.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[10, 1, 4, 2], 3],
    [[100, 2, 9, 10, 1], 9],
  ])('of %j is %d', (numbers, expected) => {
    expect(median(numbers)).toBe(expected);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).toThrow('median: got no numbers; one or more would do');
  });

  it('leaves its numbers in their order', () => {
    const numbers = [3, 1, 2];
    median(numbers);
    expect(numbers).toEqual([3, 1, 2]);
  });
});

describe('the ratio to the best', () => {
  it.each([
    [2, [4, 8], 0.5],
    [9, [4, 3, undefined], 3],
    [0, [5], 0],
    [0, [0, 5], 1],
    [1, [0], Number.POSITIVE_INFINITY],
    [1, [], undefined],
    [1, [undefined], undefined],
    [undefined, [1], undefined],
  ])('of %p among %j is %p', (ours, others, expected) => {
    expect(ratioToBest(ours, others)).toBe(expected);
  });

  it('is written with two digits, or as infinite', () => {
    expect([0.634, 1, Number.POSITIVE_INFINITY].map(formatRatio)).toEqual(['0.63', '1.00', '∞']);
  });
});
