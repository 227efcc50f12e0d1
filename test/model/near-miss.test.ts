import fc from 'fast-check';
import { editDistance, nearMiss } from '../../lib/model/near-miss';

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['tags', 'tags', 0],
    ['tags', 'tag', 1],
    ['ag', 'tag', 1],
    ['togs', 'tags', 1],
    ['tgas', 'tags', 1],
    ['atgs', 'tags', 1],
    ['tasg', 'tags', 1],
    ['ab', 'ba', 1],
    ['abc', 'cba', 2],
    ['', 'ab', 2],
    ['ab', '', 2],
    ['abcd', 'badc', 2],
    ['abab', 'baba', 2],
    ['tags', 'tgs2', 2],
    ['atgss', 'tags', 2],
    ['abcdef', 'badcfe', 3],
    ['kitten', 'sitting', 3],
    ['a', 'abcd', 3],
    ['abcd', 'wxyz', 3],
  ])('%s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it('is one after a single error of any kind, at any place', () => {
    const word = fc.stringMatching(/^[a-z]{2,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('add', 'drop', 'replace', 'swap'), (written, where, error) => {
        const at = where % (written.length - 1);
        const [before, here, next, after] = [written.slice(0, at), written[at], written[at + 1], written.slice(at + 2)];
        fc.pre(error !== 'swap' || here !== next);
        const wrong = {
          add: `${before}Z${here}${next}${after}`,
          drop: `${before}${next}${after}`,
          replace: `${before}Z${next}${after}`,
          swap: `${before}${next}${here}${after}`,
        }[error];
        expect(editDistance(wrong as string, written)).toBe(1);
      }),
    );
  });
});

describe('the name that was probably meant', () => {
  it('has the same letters, before any that is only alike', () => {
    expect(nearMiss('tags', ['Tagz', 'TAGS'])).toBe('TAGS');
    expect(nearMiss('EXPIRES', ['Expire', 'Expires'])).toBe('Expires');
  });
  it.each([
    ['Pauzed', 'Paused'],
    ['Pawzed', undefined],
    ['Expyres', 'Expires'],
    ['Expyrez', 'Expires'],
    ['Exbyrez', undefined],
    ['tga', 'Tag'],
    ['xyz', undefined],
  ])('%s: %s', (name, meant) => {
    expect(nearMiss(name, ['Tag', 'Paused', 'Expires'])).toBe(meant);
  });
});
