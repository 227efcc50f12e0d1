import { SCENARIOS } from '../../bench/corpus/scenarios';
import { parseFlags } from '../../bench/flags';

const names = (args: readonly string[]) => parseFlags(args)?.scenarios.map(({ name }) => name);

describe('the flags of the benchmark', () => {
  it('mean everything, five times, by default', () => {
    const settings = parseFlags([]);
    expect(settings?.scenarios).toEqual(SCENARIOS);
    expect(settings).toMatchObject({ networks: ['loopback', 'wan'], runs: 5, registry: 'docker-registry', tls: false });
    expect(settings?.tools).toBeUndefined();
  });

  it('choose among scenarios, in the order that they have', () => {
    expect(names(['--scenario=plan,many'])).toEqual(['many', 'plan']);
  });

  it('make a sample short, but for what is asked for', () => {
    expect(parseFlags(['--sample'])).toMatchObject({ networks: ['loopback', 'wan'], runs: 1 });
    expect(names(['--sample', '--scenario', 'retag'])).toEqual(['retag']);
    expect(parseFlags(['--sample', '--runs', '2'])?.runs).toBe(2);
  });

  it('ask for help', () => {
    expect(parseFlags(['--help'])).toBeUndefined();
  });

  it.each([
    [['--scenario=huge'], '--scenario: got "huge"; large, multi'],
    [['--network=moon'], '--network: got "moon"; loopback, wan would do'],
    [['--runs=0'], '--runs: got "0"; a whole number from 1 to 100 would do'],
    [['--runs=1.5'], '--runs: got "1.5"'],
    [['--registry=ours'], '--registry: got "ours"; docker-registry, zot would do'],
    [['--fast'], "Unknown option '--fast'"],
  ])('%j are refused in one line', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message);
  });
});
