import { listPrices, priceOf } from '../../../bench/controller/price';

const prices = {
  lambda: { gigabyteSecond: 0.00001, million: 0.2 },
  dynamoDb: { readMillion: 0.125, writeMillion: 0.625 },
};
const use = { seconds: 100, cpuSeconds: 10, invocations: 2, readUnits: 1_000_000, writeUnits: 2_000_000 };

describe('the price of a controller’s run', () => {
  it('is that of its memory for as long as it takes, its invocations, and what the tables consume', () => {
    expect(priceOf(use, 512, prices)).toEqual({
      lambdaSeconds: 100,
      gigabyteSeconds: 50,
      lambda: 50 * 0.00001 + 0.0000004,
      dynamoDb: 0.125 + 1.25,
    });
  });

  it('is for longer where its share of a CPU is what it waits for', () => {
    const busy = priceOf({ ...use, cpuSeconds: 100 }, 512, prices);
    expect(busy.lambdaSeconds).toBeCloseTo((100 * 1769) / 512);
    expect(priceOf({ ...use, cpuSeconds: 100 }, 1769, prices).lambdaSeconds).toBe(100);
  });

  it('goes by the list prices of the cost table', () => {
    const found = listPrices();
    expect(found.lambda.gigabyteSecond).toBeGreaterThan(0);
    expect(found.dynamoDb.writeMillion).toBe(5 * found.dynamoDb.readMillion);
  });
});
