import { ERROR_CODES, ERRORS } from '../../lib/model/errors';
import { type Bench, openBench } from './drive';

describe('ecr-mirror explain', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = openBench();
  });
  afterEach(() => bench.close());

  it('says what a code means, where to look, what to do, and with what it exits', async () => {
    const { code, out, err } = await bench.run(['explain', 'tag-immutable']);
    expect([code, err]).toEqual([0, []]);
    expect(out[0]).toBe('TAG_IMMUTABLE');
    expect(out.filter((line) => line !== '' && !line.startsWith('  '))).toEqual(['TAG_IMMUTABLE', 'Look', 'Do', 'And']);
    const text = out.map((line) => line.trim()).join(' ');
    const { meaning, look, remedy } = ERRORS.TAG_IMMUTABLE;
    for (const said of [meaning, look, remedy, 'Exit code 64.']) expect(text).toContain(said);
    expect(Math.max(...out.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('takes several, and what doctor finds', async () => {
    const { out } = await bench.run(['explain', '[AUTH_DENIED]', 'doctor-clock']);
    expect(out.filter((line) => /^[A-Z_-]{5,}$/.test(line))).toEqual(['AUTH_DENIED', 'DOCTOR-CLOCK']);
  });

  it('lists all, within 80 columns where words are short enough', async () => {
    const { out } = await bench.run(['explain']);
    for (const code of ERROR_CODES) expect(out).toContain(code);
    expect(Math.max(...out.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('tells machines', async () => {
    const { out } = await bench.run(['explain', 'AUTH_DENIED', '--json']);
    const { meaning, look, remedy, sides } = ERRORS.AUTH_DENIED;
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { event: 'code', code: 'AUTH_DENIED', meaning, look, remedy, sides, exitCodes: [77] },
    ]);
  });

  it('suggests what was meant', async () => {
    expect(await bench.run(['explain', 'TAG_IMUTABLE'])).toMatchObject({
      code: 64,
      err: ['ecr-mirror: explain: got "TAG_IMUTABLE"; TAG_IMMUTABLE would do [USAGE]'],
    });
    expect((await bench.run(['explain', 'doctor_clok'])).err).toEqual([
      'ecr-mirror: explain: got "doctor_clok"; DOCTOR-CLOCK would do [USAGE]',
    ]);
    expect((await bench.run(['explain', 'xyz'])).err).toEqual([
      'ecr-mirror: explain: got "xyz"; a code that ecr-mirror explain lists would do [USAGE]',
    ]);
  });
});
