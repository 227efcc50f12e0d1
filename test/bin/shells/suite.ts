import { COMMANDS } from '../../../bin/command-list';
import { flagsOf } from '../../../bin/command-spec';
import { allCodes } from '../../../bin/commands/explain';
import type { Shell } from '../../../bin/completion/spec';
import { flag } from '../../../bin/flags';
import { FORMAT_NAMES } from '../../../bin/import/formats';
import { KIND_NAMES } from '../../../bin/pull-config/kinds';
import { askShell } from './ask';

const NAMES = COMMANDS.map(({ name }) => name);

/** A line, and all that is to be offered at its end. */
const EXACTLY: readonly (readonly [string, readonly string[]])[] = [
  ['sy', ['sync']],
  ['help pl', ['plan']],
  ['pull-config open', ['openshift']],
  ['pull-config ', KIND_NAMES],
  ['import --format reg', ['regsync']],
  ['import --format ', FORMAT_NAMES],
  ['completion z', ['zsh']],
  ['explain TAG_IMM', ['TAG_IMMUTABLE']],
  ['explain TAG_IMMUTABLE DOCTOR-CLO', ['DOCTOR-CLOCK']],
  ['explain ', allCodes().map(({ code }) => code)],
  ['import mirr', ['mirrors.yaml']],
  ['sync -f mirr', ['mirrors.yaml']],
  ['copy a b --ca mirr', ['mirrors.yaml']],
  ['load o', ['oci-archive:', 'oci:']],
  ['sync --profile ', []],
  ['nonsense ', []],
];

/** A line, and how what is offered ends: some shells say what is before it, too. */
const ENDING: readonly (readonly [string, string])[] = [
  ['copy a b --platform linux/amd64,linux/p', 'linux/ppc64le'],
  ['load oci-archive:ima', 'images.tar'],
  ['export -f mirrors.yaml --since oci-archive:ima', 'images.tar'],
];

const FLAGS_OF = ['sync', 'tags'] as const;

/** What a shell offers, whatever its script looks like. */
export function completionSuite(shell: Shell): void {
  let offers: ReadonlyMap<string, readonly string[]>;
  const offered = (line: string) => offers.get(`ecr-mirror ${line}`);

  beforeAll(() => {
    const others = ['', 'help ', ...FLAGS_OF.map((name) => `${name} --`)];
    const lines = [...others, ...[...EXACTLY, ...ENDING].map(([line]) => line)];
    offers = askShell(
      shell,
      lines.map((line) => `ecr-mirror ${line}`),
    );
  }, 60_000);

  it('offers every command', () => {
    expect(offered('')).toEqual(expect.arrayContaining([...NAMES, 'help']));
    expect(offered('help ')).toEqual(expect.arrayContaining([...NAMES]));
  });

  it.each([...FLAGS_OF])('offers the flags of %s, and no other', (name) => {
    const flags = COMMANDS.filter((one) => one.name === name).flatMap(flagsOf);
    const long = offered(`${name} --`)?.flatMap((word) => /^--[a-z-]+/.exec(word) ?? []);
    expect([...new Set(long)]).toEqual(flags.map((one) => `--${flag(one).name}`).sort());
  });

  it.each(EXACTLY)('completes "%s"', (line, words) => expect(offered(line)).toEqual([...words].sort()));

  it.each(ENDING)('completes "%s"', (line, end) => {
    expect(offered(line)?.map((word) => word.replace(/^.*[,:]/, ''))).toEqual([end]);
  });
}
