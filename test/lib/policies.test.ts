import { CfnParameter, Duration } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { type MirroredImage, OnConflict } from '../../lib/index';
import { parseRow } from '../../lib/model/mirror-row';
import { filled, only, synthesize } from './stack';

const ROW = 'Custom::MirrorRow';
const OWN = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** The row as the controller reads it. */
function mirrorIn(template: Template) {
  const { Item } = JSON.parse(filled(only(template, ROW).Create)).parameters;
  const plain = Object.entries(Item as Record<string, Record<string, unknown>>).map(
    ([name, value]) => [name, Object.values(value)[0]] as const,
  );
  return parseRow(Object.fromEntries(plain), { mapping: { registry: OWN } }).mirror;
}
const declared = (more: Partial<MirroredImage>) =>
  mirrorIn(synthesize({ images: [{ source: 'nginx', ...more }] }).template());

describe('a declared image', () => {
  it('says when and how its tag may move', () => {
    expect(declared({ minAge: Duration.days(3), keepPrevious: true, onConflict: OnConflict.SUFFIX })).toMatchObject({
      minAge: 259_200,
      keepPrevious: true,
      onConflict: 'suffix',
    });
    expect(declared({ minAge: Duration.hours(36), onConflict: OnConflict.REPORT })).toMatchObject({
      minAge: 129_600,
      onConflict: 'report',
    });
    const plain = declared({ keepPrevious: false });
    for (const name of ['minAge', 'keepPrevious', 'onConflict']) expect(plain).not.toHaveProperty(name);
  });

  it('may go anywhere with that', () => {
    const { mirror, template } = synthesize({ allowedDestinations: ['ghcr.io/**'] });
    const destinations = ['ghcr.io/a/b'];
    mirror.addMirror('Tools', { source: 'nginx', destinations, minAge: Duration.days(1), keepPrevious: true });
    expect(mirrorIn(template())).toMatchObject({ minAge: 86_400, keepPrevious: true });
  });

  it.each([
    [Duration.days(91), /images: docker\.io\/library\/nginx: MinAge: age: got "91d"; at most 90d would do/],
    [Duration.seconds(0), /MinAge: age: got "0s"/],
  ])('is refused at synthesis with an age of %s', (minAge, line) => {
    expect(() => synthesize({ images: [{ source: 'nginx', minAge }] })).toThrow(line);
  });

  it('is refused with an age that is known at deployment only', () => {
    const { stack, mirror } = synthesize({});
    const minAge = Duration.days(new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber);
    expect(() => mirror.addImage({ source: 'nginx', minAge })).toThrow(
      /minAge: got one that is known at deployment only/,
    );
  });
});
