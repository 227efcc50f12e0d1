import type { CopyEvent } from '../../engine/ports';
import { type ProgressOptions, showProgress } from '../../terminal/progress';
import { openScreen, type Screen } from './screen';

const APP = 'registry.example.com/app';

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => {
  for (const { end } of opened.splice(0)) end();
  jest.useRealTimers();
});

const opened: { end: () => void }[] = [];

function open(options: ProgressOptions & { columns?: number; rows?: number } = {}) {
  const screen = openScreen(options.columns, options.rows);
  const progress = showProgress(screen, options);
  opened.push({ end: () => progress.end() });
  const tell = (step: CopyEvent['step'], bytes = 0, destination = APP, tags: string[] = []) =>
    progress.observer.copy?.({ source: 'source.example.com/app', destination, tags, step, bytes });
  const ask = () =>
    progress.observer.request?.({ registry: 'r', method: 'HEAD', kind: 'manifest', status: 200, milliseconds: 1 });
  return { screen, progress, tell, ask };
}

const last = (screen: Screen) => screen.lines().at(-1);

describe('progress bars', () => {
  it('show each running copy and all together: bytes, rate and the time left', () => {
    const { screen, progress, tell } = open();
    progress.expect(2);
    tell('found', 2_000_000);
    tell('found', 1_000_000, 'registry.example.com/longer');
    for (let second = 1; second <= 4; second += 1) {
      jest.advanceTimersByTime(1000);
      tell('moved', 250_000);
    }
    jest.advanceTimersByTime(100);
    const [first, second, all, ...more] = screen.lines();
    expect(first).toMatch(/^registry\.example\.com\/app {5}#{6}-{6} +1\.0 MB \/ 2\.0 MB +1\d\d kB\/s +[56] s$/);
    expect(second).toMatch(/^registry\.example\.com\/longer {2}-{12} +0 B \/ 1\.0 MB +0 B\/s$/);
    expect(all).toMatch(/^0 of 2 copies, 1\.0 MB of 3\.0 MB, 1\d\d kB\/s, 1\d s left$/);
    expect(more).toEqual([]);
  });

  it.each([1, 20, 40, 60, 80, 120, 200])('keep to %d columns, and so do names that are wide', (columns) => {
    const { screen, progress, tell } = open({ columns, env: { LANG: 'C.UTF-8' } });
    progress.expect(100);
    const name = `registry.example.com/${'long-'.repeat(40)}name`;
    tell('found', 99_900_000, name, ['1.27']);
    tell('found', 99_900_000, '内部レジストリ.example.com/日本語のとても長いアプリの名前です', ['1']);
    jest.advanceTimersByTime(10_000);
    tell('moved', 55_000_000, name, ['1.27']);
    jest.advanceTimersByTime(200);
    expect(screen.all().slice(3)).toEqual(['']);
    if (columns >= 40) expect(screen.lines()[0]).toMatch(/name:1\.27 .* \d+ s$/);
  });

  it('have a finer bar where there is room, in lines where the terminal has UTF-8', () => {
    const { screen, tell } = open({ columns: 120, env: { LANG: 'de_DE.UTF-8', NO_COLOR: '1' } });
    tell('found', 100);
    tell('moved', 35);
    jest.advanceTimersByTime(100);
    expect(screen.lines()[0]).toContain(`  ${'━'.repeat(8)}${'─'.repeat(16)}  `);
    tell('moved', 2);
    jest.advanceTimersByTime(100);
    expect(screen.lines()[0]).toContain(`  ${'━'.repeat(8)}╸${'─'.repeat(15)}  `);
  });

  it('count what is there already, and what an upload lost, as what they are', () => {
    const { screen, tell } = open();
    tell('found', 4_000_000);
    tell('skipped', 1_000_000);
    tell('mounted', 1_000_000);
    tell('moved', 2_000_000);
    tell('lost', 2_000_000);
    jest.advanceTimersByTime(100);
    expect(screen.lines()[0]).toMatch(/#{6}-{6} +2\.0 MB \/ 4\.0 MB/);
    tell('moved', 2_000_000);
    jest.advanceTimersByTime(100);
    expect(screen.lines()[0]).toMatch(/#{12} +4\.0 MB \/ 4\.0 MB/);
  });

  it('say nothing of the time left until it can be known', () => {
    const { screen, progress, tell } = open();
    progress.expect(2);
    tell('found', 10_000_000);
    for (let second = 0; second < 10; second += 1) {
      tell('moved', 100_000);
      jest.advanceTimersByTime(1000);
    }
    expect(last(screen)).toMatch(/^0 of 2 copies, 1\.0 MB moved, [\d.]+ kB\/s$/);
    tell('found', 1_000_000, 'registry.example.com/other');
    jest.advanceTimersByTime(1000);
    expect(last(screen)).toMatch(/^0 of 2 copies, 1\.0 MB of 11\.0 MB, [\d.]+ kB\/s, 1 min \d0 s left$/);
  });

  it('guess what copies take that have not begun by those that have ended', () => {
    const { screen, progress, tell } = open();
    progress.expect(20);
    for (let number = 0; number < 10; number += 1) {
      const name = `registry.example.com/app-${number}`;
      tell('found', 1_000_000, name);
      tell('moved', 1_000_000, name);
      tell('ended', 0, name);
      jest.advanceTimersByTime(1000);
    }
    tell('started');
    jest.advanceTimersByTime(100);
    expect(last(screen)).toMatch(/^10 of 20 copies, 10\.0 MB moved, (9\d\d kB|1\.0 MB)\/s, about 1[01] s left$/);
  });

  it('say nothing of the time left where nothing moves any more', () => {
    const { screen, progress, tell } = open();
    progress.expect(1);
    tell('found', 10_000_000);
    tell('moved', 1000);
    jest.advanceTimersByTime(200_000);
    expect(last(screen)).toBe('0 of 1 copy, 1.0 kB of 10.0 MB, 0 B/s');
  });

  it('tell the tags of one repository apart, and count each of those that share what is moved', () => {
    const { screen, progress } = open();
    progress.expect(3);
    const tell = (source: string, tags: string[], step: CopyEvent['step']) => {
      progress.observer.copy?.({ source, destination: APP, tags, step, bytes: 0 });
      jest.advanceTimersByTime(100);
    };
    tell('one', ['1.0'], 'started');
    tell('two', ['2.0', 'latest'], 'started');
    expect(screen.lines().slice(0, 2)).toEqual([
      expect.stringMatching(/^…\/app:1\.0 +-{12}$/),
      expect.stringMatching(/^…\/app:2\.0,latest +-{12}$/),
    ]);
    tell('two', ['2.0', 'latest'], 'ended');
    expect(last(screen)).toMatch(/^2 of 3 copies/);
  });

  it('tell two copies of one image into one repository apart', () => {
    const { screen, progress } = open();
    progress.expect(2);
    const tell = (tag: string, step: CopyEvent['step'], bytes = 0) =>
      progress.observer.copy?.({ source: 'one', destination: APP, tags: [tag], step, bytes });
    for (const tag of ['1.0', '1.0-arm']) tell(tag, 'found', 2_000_000);
    tell('1.0-arm', 'moved', 1_000_000);
    tell('1.0', 'ended');
    jest.advanceTimersByTime(100);
    expect(screen.lines()).toEqual([
      expect.stringMatching(/app:1\.0-arm {2}#{6}-{6} +1\.0 MB \/ 2\.0 MB/),
      expect.stringMatching(/^1 of 2 copies, 1\.0 MB of 2\.0 MB/),
    ]);
  });

  it('say that registries are being looked at when that takes long', () => {
    const { screen, ask } = open();
    ask();
    expect(screen.lines()).toEqual([]);
    jest.advanceTimersByTime(1000);
    ask();
    expect(screen.lines()).toEqual(['looking at registries, 2 requests']);
  });

  it('rest between two runs, and count anew', () => {
    const { screen, progress, tell, ask } = open();
    progress.expect(1);
    tell('started');
    tell('found', 1000);
    tell('moved', 1000);
    progress.rest();
    expect(screen.lines()).toEqual([]);
    jest.advanceTimersByTime(10_000);
    ask();
    expect(screen.lines()).toEqual([]);
    progress.expect(1);
    tell('started');
    expect(screen.lines()[1]).toBe('0 of 1 copy, 0 B moved, 0 B/s');
  });

  it('count what has no room, on a low terminal all of them', () => {
    const { screen, tell } = open({ bars: 2 });
    const low = open({ rows: 3 });
    for (const name of ['a', 'b', 'c', 'd']) {
      tell('started', 0, `registry.example.com/${name}`);
      low.tell('started', 0, `registry.example.com/${name}`);
    }
    jest.advanceTimersByTime(100);
    expect(screen.lines()).toHaveLength(3);
    expect(last(screen)).toMatch(/2 more running/);
    expect(low.screen.lines()).toEqual([expect.stringMatching(/4 more running$/)]);
  });

  it('have eighty columns, and all of their lines, where nobody has given the terminal a size', () => {
    const screen = openScreen();
    const progress = showProgress({ write: (text) => screen.write(text), isTTY: true, columns: 0, rows: 0 });
    opened.push(progress);
    progress.observer.copy?.({ source: 's', destination: APP, step: 'found', bytes: 1000 });
    jest.advanceTimersByTime(100);
    expect(screen.lines()).toEqual([
      expect.stringMatching(/^registry\.example\.com\/app {2}-{12} +0 B \/ 1\.0 kB/),
      expect.stringMatching(/^0 done/),
    ]);
  });

  it('take nothing from names that drives the terminal', () => {
    const { screen, tell } = open({ env: {}, columns: 200 });
    tell('started', 0, 'evil\u001b[2J\u0007\u009b31m\u202e.example.com/app', ['\u001b]0;title\u0007']);
    jest.advanceTimersByTime(100);
    expect(screen.unknown).toEqual([]);
    expect(screen.lines()[0]).toMatch(/^evil�\[2J��31m�\.example\.com\/app:�\]0;title� +-{24}$/);
  });
});

describe('drawing progress bars', () => {
  it('happens ten times a second at most, and the last state is drawn', () => {
    const { screen, progress, tell } = open();
    tell('found', 1000);
    const before = screen.writes;
    for (let at = 0; at < 1000; at += 1) {
      tell('moved', 1);
      progress.print(`line ${at}`);
      jest.advanceTimersByTime(1);
    }
    expect(screen.writes - before).toBeLessThanOrEqual(10);
    jest.advanceTimersByTime(100);
    expect(screen.lines()[0]).toBe('line 0');
    expect(screen.lines()[999]).toBe('line 999');
    expect(screen.lines()[1000]).toMatch(/1\.0 kB \/ 1\.0 kB/);
  });

  it('goes on while nothing happens, once a second', () => {
    const { screen, tell } = open();
    tell('found', 1000);
    const before = screen.writes;
    jest.advanceTimersByTime(10_000);
    expect(screen.writes - before).toBe(10);
  });

  it('writes over what is there in one piece, and erases nothing before', () => {
    const { screen, tell } = open();
    tell('found', 1000);
    const [writes, before] = [screen.writes, screen.written().length];
    jest.advanceTimersByTime(100);
    tell('moved', 500);
    expect(screen.writes).toBe(writes + 1);
    const drawn = screen.written().slice(before);
    expect(drawn.indexOf('\u001b[J')).toBe(drawn.length - '\u001b[J'.length);
    expect(drawn).not.toContain('\u001b[2K');
  });

  it('makes way for lines of any length and leaves nothing behind', () => {
    const { screen, progress, tell } = open({ columns: 40 });
    tell('started');
    progress.print('copied one');
    jest.advanceTimersByTime(1000);
    tell('moved', 5);
    progress.print(`copied ${'x'.repeat(100)}`);
    progress.print('x'.repeat(40));
    jest.advanceTimersByTime(100);
    expect(screen.all().slice(0, 5).join('')).toBe(`copied onecopied ${'x'.repeat(140)}`);
    tell('ended');
    progress.end();
    tell('started');
    progress.print('that was all');
    expect(screen.lines().join('')).toBe(`copied onecopied ${'x'.repeat(140)}that was all`);
    expect(screen.cursorIsShown).toBe(true);
  });

  it('hides the cursor while bars are there, and gives it back at rest, at the end, and when the process ends', () => {
    const { screen, progress, tell } = open();
    tell('started');
    expect(screen.cursorIsShown).toBe(false);
    progress.rest();
    expect(screen.cursorIsShown).toBe(true);
    tell('started');
    progress.print('just said');
    expect(screen.cursorIsShown).toBe(false);
    for (const listener of process.listeners('exit')) if (listener.name === 'leave') listener.call(process, 0);
    expect(screen.cursorIsShown).toBe(true);
    expect(screen.lines()).toContain('just said');
    progress.end();
  });

  it('can be handed on in parts', () => {
    const { screen, progress } = open();
    const { print, end } = progress;
    print('said');
    end();
    expect(screen.lines()).toEqual(['said']);
  });

  it('leaves no listener and no timer behind', () => {
    const counts = () => ['exit', 'SIGTSTP', 'SIGCONT'].map((event) => process.listenerCount(event));
    const before = counts();
    const { screen, progress, tell } = open();
    tell('started');
    expect([screen.listening, ...counts()]).toEqual([1, ...before.map((number) => number + 1)]);
    progress.end();
    expect([screen.listening, ...counts()]).toEqual([0, ...before]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    [120, 50],
    [80, 40],
    [40, 200],
  ])('follows a terminal that goes from %d columns to %d', (from, to) => {
    const { screen, progress, tell } = open({ columns: from });
    progress.print('copied before');
    for (const name of ['a', 'b', 'c']) tell('found', 1000, `registry.example.com/${name}`);
    jest.advanceTimersByTime(100);
    expect(screen.lines()).toHaveLength(5);
    screen.resize(to);
    expect(screen.lines()).toHaveLength(5);
    expect(screen.lines()[0]).toBe('copied before');
    progress.end();
    expect(screen.lines()).toEqual(['copied before']);
  });
});
