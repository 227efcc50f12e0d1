import { shorten, wrap } from '../../terminal/format';
import { layOut } from '../../terminal/table';
import { beginning, ending, pad, widthOf } from '../../terminal/width';

it.each([
  ['', 0],
  ['registry.example.com/app:1', 26],
  ['café', 4],
  ['cafe\u0301', 4],
  ['日本語', 6],
  ['ｎｇｉｎｘ', 10],
  ['한글', 4],
  ['→ …', 3],
  ['🐳', 2],
  ['a\u200bb', 2],
])('%j takes %d columns', (text, columns) => expect(widthOf(text)).toBe(columns));

it('a text is cut between its characters, and marks stay with theirs', () => {
  expect([beginning('日本語', 5), beginning('日本語', 1), beginning('abc', 2), beginning('cafe\u0301s', 4)]).toEqual([
    '日本',
    '',
    'ab',
    'cafe\u0301',
  ]);
  expect([
    ending('日本語', 5),
    ending('日本語', 1),
    ending('abc', 2),
    ending('abc', 0),
    ending('cafe\u0301s', 2),
  ]).toEqual(['本語', '', 'bc', '', 'e\u0301s']);
});

it('what is shortened, laid out or broken keeps to its columns, whatever is in it', () => {
  const name = '内部レジストリ.example.com/アプリ/日本語🐳:1.27';
  for (let columns = 0; columns <= widthOf(name) + 1; columns += 1) {
    expect(widthOf(shorten(name, columns))).toBeLessThanOrEqual(columns);
  }
  expect(widthOf(pad('日本', 6))).toBe(6);
  const layout = layOut([{ title: 'NAME', flexible: true }, { title: 'AND' }], [[name, 'x']], 40);
  expect(layout.line([name, 'x'])).toMatch(/:1\.27 +x$/);
  expect(widthOf(layout.line([name, 'x']))).toBeLessThanOrEqual(40);
  for (const line of wrap('日本語 日本語 日本語', 13)) expect(widthOf(line)).toBeLessThanOrEqual(13);
});
