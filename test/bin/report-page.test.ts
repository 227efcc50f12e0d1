import { createHash } from 'node:crypto';
import { bytesByRepository } from '../../bin/html/bars';
import { page } from '../../bin/html/page';
import { placeOf } from '../../bin/html/timeline';
import { judge } from '../../bin/statuses';
import { NOW, OWN, someStatuses } from './report-statuses';

const text = page(someStatuses(), { subject: 'Images', version: '1.2.3' });

describe('the report', () => {
  it('says first what is wrong, with since when and why', () => {
    const troubles = text.slice(text.indexOf('Needs attention'), text.indexOf('<h2>Copies'));
    expect(troubles).toContain('docker.io/library/busybox:1');
    expect(troubles).toContain('stale for 30 h since 2026-11-19T06:00Z; failed 17 times; source: ');
    expect(troubles.indexOf('busybox')).toBeLessThan(troubles.indexOf('redis'));
    expect(troubles).not.toContain('nginx');
  });

  it('has every copy, and names its registry once', () => {
    for (const name of ['alpine', 'nginx', 'busybox', 'redis', 'traefik', 'gone']) {
      expect(text).toContain(`<span class="to">mirror/docker-hub/library/${name}:1</span>`);
    }
    expect(text).toContain(`Destinations are in <span class="name">${OWN}</span>`);
  });

  it('says that the controller is silent', () => {
    const silent = judge([], { copies: [], rows: new Map(), runs: someStatuses().runs }, { now: NOW + 9 * 3_600_000 });
    expect(page(silent, { subject: 'Images', version: '1' })).toContain('It has not run on schedule for 10 h');
    expect(text).not.toContain('The controller is silent');
  });

  it('can be made of nothing', () => {
    const nothing = judge([], { copies: [], rows: new Map(), runs: [] }, { now: NOW });
    expect(page(nothing, { subject: 'Images', version: '1' })).toContain('There are none yet.');
  });
});

describe('a stranger’s text in it', () => {
  it('is text: no element, no attribute, no control character is its own', () => {
    expect(text).toContain('&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;');
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toMatch(/<img/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('cannot leave the quotes of an attribute', () => {
    for (const [, value] of text.matchAll(/(?:title|data-value|class)="([^"]*)"/g)) expect(value).not.toMatch(/[<>"]/);
  });
});

describe('its policy', () => {
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
  const hashOf = (content: string) => `sha256-${createHash('sha256').update(content).digest('base64')}`;
  const between = (tag: string) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? '';

  it('lets run the style and the script that are there, and nothing else', () => {
    const directives = policy.replaceAll('&#39;', "'").split('; ');
    expect(directives).toEqual([
      "default-src 'none'",
      `style-src '${hashOf(between('style'))}'`,
      `script-src '${hashOf(between('script'))}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it('has nothing to refuse: no style is in an attribute, and nothing is fetched', () => {
    expect(text).not.toMatch(/ style="/);
    expect(text.replaceAll(/&lt;.*?&gt;/g, '')).not.toMatch(/(?:src|href|action)="(?!data:)/);
    expect(between('style')).not.toMatch(/url\(|@import/);
    expect(between('script')).not.toMatch(/fetch|XMLHttp|import|innerHTML|eval/);
  });
});

describe('its drawings', () => {
  it('place what is now at the right and a year ago at the left, and never beyond', () => {
    const places = [-5, 0, 60, 3600, 86_400, 30 * 86_400, 365 * 86_400, 1e12].map(placeOf);
    expect(places).toEqual([...places].sort((one, other) => other - one));
    expect(Math.min(...places)).toBe(6);
    expect(Math.max(...places)).toBe(184);
  });

  it('sum bytes up for each repository, the smallest ones in one', () => {
    const { copies } = someStatuses();
    expect(bytesByRepository(copies)).toEqual([
      [`${OWN}/mirror/docker-hub/library/nginx`, 30_000_000],
      [`${OWN}/mirror/docker-hub/library/redis`, 5_000_000],
      [`${OWN}/mirror/docker-hub/library/alpine`, 900],
    ]);
    const [first] = copies;
    const many = Array.from({ length: 25 }, (_, at) => ({
      ...(first as (typeof copies)[number]),
      destination: `${OWN}/a/${at}:v1.0`,
      facts: { source: 's', destination: 'd', state: 'Mirrored' as const, bytes: 10 },
    }));
    expect(bytesByRepository(many)).toHaveLength(21);
    expect(bytesByRepository(many).at(-1)).toEqual(['5 others', 50]);
  });
});
