import { formatAge } from '../../terminal/format';
import { layOut } from '../../terminal/table';

const COLUMNS = [{ title: 'STATE' }, { title: 'NAME', flexible: true }, { title: 'AGE' }];

describe('a table', () => {
  it('has columns as wide as what is in them', () => {
    const rows = [
      ['Failed', 'a', '1 s'],
      ['x', 'longer', '-'],
    ];
    const { header, line } = layOut(COLUMNS, rows);
    expect([header, ...rows.map(line)]).toEqual(['STATE   NAME    AGE', 'Failed  a       1 s', 'x       longer  -']);
  });

  it('keeps to a width by shortening the names in their middle, their ends staying', () => {
    const { line } = layOut(COLUMNS, [['Failed', 'docker.io/library/nginx:1.27.0', '1 s']], 32);
    expect(line(['Failed', 'docker.io/library/nginx:1.27.0', '1 s'])).toBe('Failed  docke…/nginx:1.27.0  1 s');
    expect(line(['Failed', 'docker.io/library/nginx:1.27.0', '1 s']).length).toBeLessThanOrEqual(32);
  });

  it('shortens no column that must be read whole, and none to nothing', () => {
    const { line } = layOut(COLUMNS, [['Quarantined', 'x'.repeat(40), '1 s']], 10);
    expect(line(['Quarantined', 'x'.repeat(40), '1 s'])).toBe(`Quarantined  ${'x'.repeat(3)}…${'x'.repeat(8)}  1 s`);
  });

  it('shows no character that would drive the terminal', () => {
    const { line } = layOut(COLUMNS, [['a', 'b\u001b[31m', 'c']]);
    expect(line(['a', 'b\u001b[31m', 'c'])).toBe('a      b\ufffd[31m  c');
  });
});

it.each([
  [-5, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [47 * 3600, '47 h'],
  [48 * 3600, '2 d'],
])('%d seconds ago is %s', (seconds, text) => expect(formatAge(seconds)).toBe(text));
