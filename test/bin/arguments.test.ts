import { parseCommandLine } from '../../bin/arguments';
import { COMMANDS } from '../../bin/command-list';
import { helpText } from '../../bin/help';

const run = (...argv: string[]) => {
  const invocation = parseCommandLine(argv);
  if (invocation.kind !== 'run') throw new Error(`got ${invocation.kind}`);
  return { command: invocation.command.name, arguments: invocation.arguments, flags: invocation.flags };
};

const ALL = COMMANDS.map(({ name }) => name).join(', ');

describe('a command line', () => {
  it('takes flags before, between and after arguments', () => {
    expect(run('copy', '--attempts', '3', 'a', '--json', 'b', '--timeout=5s')).toEqual({
      command: 'copy',
      arguments: ['a', 'b'],
      flags: { attempts: '3', json: true, timeout: '5s' },
    });
    expect(run('sync', '-f', 'mirrors.yaml', '-q').flags).toEqual({ file: 'mirrors.yaml', quiet: true });
  });

  it('leaves the value of --plain-http out without taking the next argument for it', () => {
    expect(run('copy', '--plain-http', 'a', 'b')).toMatchObject({
      arguments: ['a', 'b'],
      flags: { 'plain-http': true },
    });
    expect(run('copy', '--plain-http=x:1,y:2', 'a', 'b').flags).toEqual({ 'plain-http': 'x:1,y:2' });
  });

  it('takes some flags several times, as if their values had commas between', () => {
    expect(run('tags', 'a', '--include', '1.*', '--include=2.*,3.*').flags.include).toBe('1.*,2.*,3.*');
    expect(run('sync', '-f', 'a', '-f', 'b').flags.file).toBe('b');
  });

  it('takes everything after -- as an argument', () => {
    expect(run('copy', '--', '-a', '--b').arguments).toEqual(['-a', '--b']);
  });

  it.each([
    [['cpoy', 'a', 'b'], 'unknown command "cpoy"; copy would do'],
    [['frobnicate'], `unknown command "frobnicate"; one of ${ALL} would do (ecr-mirror --help)`],
    [['--json', 'copy'], `got "--json" before a command; one of ${ALL} would do (ecr-mirror --help)`],
    [['sync', '--fiel', 'x'], 'sync: unknown flag "--fiel"; --file would do'],
    [['sync', '--every', '1h', '-f', 'x'], 'sync: unknown flag "--every"; ecr-mirror sync --help lists them'],
    [['copy', '-x', 'a', 'b'], 'copy: unknown flag "-x"; ecr-mirror copy --help lists them'],
    [['sync', '--file'], '--file: got no value; --file FILE would do'],
    [['sync', '--file', '--json'], '--file: got no value; --file FILE would do'],
    [['copy', 'a', 'b', '--json=yes'], '--json: got "yes"; it takes no value'],
    [['copy', 'a'], 'copy: got 1 of 2 arguments; ecr-mirror copy SOURCE DESTINATION… would do'],
    [['sync', 'mirrors.yaml'], 'sync: got "mirrors.yaml"; ecr-mirror sync -f FILE would do'],
  ])('refuses %j in one line', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(message);
  });

  it('asks for help and the version in the usual ways', () => {
    expect(parseCommandLine([])).toEqual({ kind: 'help' });
    expect(parseCommandLine(['--help'])).toEqual({ kind: 'help' });
    expect(parseCommandLine(['help', 'copy'])).toMatchObject({ kind: 'help', command: { name: 'copy' } });
    expect(parseCommandLine(['copy', '--help'])).toMatchObject({ kind: 'help', command: { name: 'copy' } });
    expect(parseCommandLine(['--version'])).toEqual({ kind: 'version' });
  });
});

describe('help', () => {
  it('fits eighty columns, examples apart', () => {
    for (const command of [undefined, ...COMMANDS]) {
      const lines = helpText(command).split('\n');
      const examples = lines.indexOf('Examples:');
      expect(lines.filter((line, i) => line.length > 80 && !(i > examples && line.includes('ecr-mirror ')))).toEqual(
        [],
      );
    }
  });

  it('shows each command with its flags and an example', () => {
    const text = helpText(COMMANDS.find(({ name }) => name === 'plan'));
    for (const part of [
      '-f, --file FILE',
      '--detailed-exitcode',
      '--plain-http[=HOST,…]',
      'ecr-mirror plan -f mirrors.yaml',
    ]) {
      expect(text).toContain(part);
    }
  });
});
