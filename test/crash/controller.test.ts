import { allCases, formatCase, runAll } from './controller/matrix';

/** `CONTROLLER_CASES=all`: the whole matrix; else one case in so many. */
const ONE_IN = process.env.CONTROLLER_CASES === 'all' ? 1 : 15;
const LONGEST = ONE_IN === 1 ? 3_600_000 : 300_000;

it(
  'a controller that dies or is not answered, at whatever step, loses no copy, has none made twice at once and leaves no lease behind',
  async () => {
    const cases = (await allCases()).filter((_, position) => position % ONE_IN === 0);
    expect(cases.length).toBeGreaterThan(20);
    const wrong = (await runAll(cases)).filter(({ wrongs }) => wrongs.length > 0);
    expect(wrong.map((result) => ({ case: formatCase(result.case), wrongs: result.wrongs }))).toEqual([]);
  },
  LONGEST,
);
