import fc from 'fast-check';
import { readArguments } from '../../container/arguments';
import { resultOrLine } from '../spoilt';

describe("the worker's arguments", () => {
  it.each([
    [['--plan', 'p-1', '--source', '-', '--dest', '-'], { plan: ['p-1'], source: ['-'], dest: ['-'] }],
    [['--source=a:1', '--dest=b:1', '--dest', 'c:1'], { source: ['a:1'], dest: ['b:1', 'c:1'] }],
    [[], {}],
    [['--plan', 'p-1', '--help'], 'help'],
  ])('%j ask for %j', (argv, asked) => {
    expect(readArguments(argv)).toEqual(asked);
  });

  it.each([[['copy']], [['--dest']], [['--dst', 'a:1']], [['--help=yes']]])('%j are refused', (argv) => {
    expect(() => readArguments(argv)).toThrow(/^arguments: got .*; --plan, or --source with --dest, would do$/);
  });

  it('are read or refused in one line, whatever they are', () => {
    const word = fc.oneof(
      fc.constantFrom('--plan', '--source', '--dest', '--help', '--', '-', '--plan=', '--__proto__=x'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const read = resultOrLine(() => readArguments(argv), 'InvalidValue');
        if (typeof read === 'object')
          expect(Object.keys(read).every((name) => /^(plan|source|dest)$/.test(name))).toBe(true);
      }),
    );
  });
});
