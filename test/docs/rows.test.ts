import { parseRow, ROW_ATTRIBUTES } from '../../lib/model/mirror-row';
import { CopyAttribute } from '../../lib/model/names';
import { quoted, read, section, tableRows } from './documents';

const page = read('docs/rows.md');
/** The first table is about rows. */
const attributes = tableRows(page.slice(0, page.indexOf('\n## '))).flatMap(([names = '', , meaning = '', state = '']) =>
  quoted(names).map((name) => ({ name, meaning, state })),
);

/** A value of each attribute, for which `yes` must hold where the page says so. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  Source: 'docker.io/library/nginx',
  From: 'docker.io/library/nginx',
  Destination: ['registry.example.com/a:{tag}', 'registry.example.com/b'],
  Expires: 4_102_444_800,
  Tags: { Include: ['1.*'], Exclude: ['*-rc*'], Semver: '>=1.25 <2', Latest: 5, Min: 1 },
  Platforms: ['linux/amd64'],
  Compare: 'config',
  Referrers: false,
  ArtifactTypes: ['application/vnd.dev.cosign.simplesigning.v1+json'],
  Every: '6h',
  StaleAfter: '6h',
  MinAge: '3d',
  KeepPrevious: true,
  RequireSignature: { Identity: 'dev@example.com', Issuer: 'https://accounts.example.com' },
  Paused: true,
  Note: 'n',
  Owner: 'o',
};

/** Why a row with this attribute is refused; undefined when it is not. */
function refusal(name: string, value: unknown): string | undefined {
  const row = { Source: SAMPLES.Source, Destination: SAMPLES.Destination, [name]: value };
  const { problems } = parseRow(row, { mapping: {} });
  return problems.find(({ severity }) => severity === 'error')?.message;
}

describe('the page on rows', () => {
  it('has each attribute that means something, and no other', () => {
    expect(attributes.map(({ name }) => name).sort()).toEqual([...ROW_ATTRIBUTES].sort());
  });

  it.each(attributes.filter(({ state }) => state.startsWith('yes')))('$name: works as it says', ({ name }) => {
    expect(SAMPLES).toHaveProperty(name);
    expect(refusal(name, SAMPLES[name])).toBeUndefined();
  });

  const choices = attributes.filter(({ state }) => state.startsWith('`'));
  it.each(choices)('$name: takes the values that it says, and refuses the others', ({ name, meaning, state }) => {
    const [first = '', ...others] = quoted(meaning);
    expect(refusal(name, first)).toBeUndefined();
    for (const other of [first, ...others]) {
      const says = quoted(state).includes(other);
      expect([other, refusal(name, other) === undefined]).toEqual([other, says]);
    }
  });

  it('says of every attribute whether it works', () => {
    expect(attributes.filter(({ state }) => !/^(yes|`)/.test(state))).toEqual([]);
  });
});

describe('the page on copies', () => {
  const described = tableRows(section(page, '# The table of copies')).flatMap(([names = '']) => quoted(names));

  it('has each attribute that is written, and no other', () => {
    const written = ['outcomes', 'losses', 'quarantine', 'removals', 'row-items', 'leases', 'verified'].flatMap(
      (file) => writtenBy(read(`aws/${file}.ts`)),
    );
    const keys = [CopyAttribute.SOURCE, CopyAttribute.DESTINATION];
    expect([...described].sort()).toEqual([...new Set<string>([...keys, ...written])].sort());
  });
});

/** Attributes that a module's update expressions set: what stands before `=`, or in `REMOVE`; those inside a map left out. */
function writtenBy(source: string): string[] {
  const names = [...source.matchAll(/(?<![.\w])#([A-Z][A-Za-z]+)(?=(?:\.#\w+)? = |, #| REMOVE|['`])/g)];
  return names.map(([, name]) => name ?? '');
}
