import { tellJson, tellTable } from '../../bin/status-voice';
import { record } from './drive';
import { HOSTILE, OWN, someStatuses } from './report-statuses';

const statuses = someStatuses();
function told(columns?: number, env: Record<string, string> = { NO_COLOR: '1' }) {
  const stdout = { ...record(), ...(columns === undefined ? {} : { isTTY: true, columns }) };
  tellTable(statuses.copies, statuses, { stdout, stderr: record(), env, cwd: '/' }, false);
  return stdout.lines();
}

describe('the table of copies', () => {
  it('shows what is wrong first, and below it since when and why', () => {
    const lines = told();
    expect(lines[0]).toBe(`destinations are in ${OWN}`);
    const states = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(' ')[0]);
    expect(states).toEqual([
      'STATE',
      'Invalid',
      'Failed',
      'Invalid',
      'Stale',
      'Copying',
      'Mirrored',
      'Mirrored',
      'Idle',
    ]);
    const failed = lines.findIndex((line) => line.startsWith('Failed'));
    expect(lines[failed + 1]).toMatch(/^ {2}stale for 30 h since 2026-11-19T06:00Z; failed 17 times; source: /);
  });

  it.each([80, 120, 200])('fits a terminal of %d columns, longer words of reasons apart', (columns) => {
    const long = told(columns).filter((line) => line.length > columns);
    expect(long.filter((line) => !line.startsWith('  ') || line.trim().includes(' '))).toEqual([]);
  });

  it('paints the state of what is wrong, not its line', () => {
    const [red, yellow, dim, plain] = ['\u001b[31m', '\u001b[33m', '\u001b[2m', '\u001b[0m'];
    const painted = told(200, {}).filter((line) => [red, yellow, dim].some((colour) => line.startsWith(colour)));
    const wrong = painted.filter((line) => !line.startsWith(dim));
    expect(wrong.map((line) => line.split(' ')[0])).toEqual([
      `${red}Invalid${plain}`,
      `${red}Failed${plain}`,
      `${red}Invalid${plain}`,
      `${yellow}Stale${plain}`,
    ]);
    expect(painted.filter((line) => line.endsWith(plain))).toEqual([expect.stringContaining('Idle')]);
  });

  it('ends in numbers', () => {
    expect(told().slice(-2)).toEqual([
      '8 copies: 3 failed, 1 stale, 1 waiting, 2 fresh, 1 idle',
      'last run 1 h ago (schedule, 7 rows)',
    ]);
  });
});

describe('a stranger’s text', () => {
  it('drives no terminal, in a table or in JSON', () => {
    const stdout = record();
    tellJson(statuses.copies, statuses, { stdout });
    for (const line of [...told(), ...told(80), ...stdout.lines()]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
    const invalid = stdout
      .lines()
      .map((line) => JSON.parse(line))
      .find(({ source }) => source === HOSTILE);
    expect(invalid).toMatchObject({ verdict: 'failed', state: 'Invalid' });
  });
});
