import { parseRow, problemLine } from '../../lib/model/mirror-row';

const host = (region: string, account = '123456789012') => `${account}.dkr.ecr.${region}.amazonaws.com`;
const SOURCE = `${host('eu-west-1')}/team/app`;
const REPLICA = `${host('us-east-1')}/team/app`;
const ALL = { Source: SOURCE, Destination: REPLICA, Tags: { Include: ['*'] } };

function warnings(row: object) {
  const { mirror, problems } = parseRow({ ...row }, { mapping: {} });
  expect(mirror).toBeDefined();
  return problems.map(problemLine);
}

describe('a row from Amazon ECR to another region of it', () => {
  it('is told of replication where that does the same, and is mirrored all the same', () => {
    const line = `Destination: got ${REPLICA}, the same repository in another region, with all that is in it; a replication rule of Amazon ECR would do`;
    expect(warnings(ALL)).toEqual([line]);
    expect(warnings({ ...ALL, Tags: {} })).toEqual([line]);
  });

  it('is told once, of all such destinations', () => {
    const other = `${host('ap-south-1')}/team/app`;
    const [line, ...more] = warnings({ ...ALL, Destination: [REPLICA, other, 'registry.example.com/app'] });
    expect(line).toContain(`got ${REPLICA}, ${other}, the same`);
    expect(more).toEqual([]);
  });

  it.each([
    ['one tag', { ...ALL, Source: `${SOURCE}:stable`, Tags: undefined }],
    ['a range', { ...ALL, Tags: { Semver: '>=1' } }],
    ['the newest', { ...ALL, Tags: { Latest: 5 } }],
    ['not all tags', { ...ALL, Tags: { Exclude: ['*-rc*'] } }],
    ['a platform', { ...ALL, Platforms: ['linux/amd64'] }],
    ['no signatures', { ...ALL, Referrers: false }],
    ['an age', { ...ALL, MinAge: '3d' }],
    ['what was there before', { ...ALL, KeepPrevious: true }],
    ['an end', { ...ALL, Expires: 4_102_444_800 }],
    ['another name', { ...ALL, Destination: `${host('us-east-1')}/mirror/app` }],
    ['other tags', { ...ALL, Destination: `${REPLICA}:{tag}-copy` }],
    ['another account', { ...ALL, Destination: `${host('us-east-1', '210987654321')}/team/app` }],
    ['another partition', { ...ALL, Destination: `${host('us-gov-west-1')}/team/app` }],
    ['a source elsewhere', { ...ALL, Source: 'quay.io/team/app' }],
    ['a destination elsewhere', { ...ALL, Destination: 'quay.io/team/app' }],
  ])('is not told where it asks for %s', (_what, row) => {
    const { Tags, ...rest } = row;
    expect(warnings(Tags === undefined ? rest : row)).toEqual([]);
  });
});
