import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { page as reportPage } from '../../bin/html/page';
import { someStatuses } from '../bin/report-statuses';
import { describeWith, which } from './needs';
import { newFolder } from './temporary';

/** With `REAL_SCREENSHOTS` the pictures are kept there, for people. */
const PICTURES = process.env.REAL_SCREENSHOTS;

describeWith(['chromium'], 'the report in a real browser', () => {
  const folder = newFolder();
  const file = `${folder.path}/report.html`;
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, reportPage(someStatuses(), { subject: 'Images', version: '0.0.0' }));
    // In a container there is no user to whom the sandbox could belong.
    browser = await chromium.launch({ executablePath: which('chromium') ?? '', args: ['--no-sandbox'] });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    folder.remove();
  });

  /** The page, and all that the browser said and asked for beside it. */
  async function opened(options: BrowserContextOptions = {}): Promise<{ page: Page; said: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => said.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => said.push(`dialog: ${dialog.message()}`));
    const url = pathToFileURL(file).href;
    page.on('request', (request) => request.url() === url || said.push(`request: ${request.url()}`));
    await page.goto(url);
    return { page, said };
  }
  const shown = (page: Page) => page.locator('#copies tbody tr:visible');
  const sources = async (page: Page) =>
    (await shown(page).locator('.name').allTextContents()).filter((text) => text.startsWith('docker.io'));

  it('asks for nothing, says nothing, and runs no stranger’s text', async () => {
    const { page, said } = await opened();
    await page.waitForTimeout(300);
    expect(said).toEqual([]);
    expect(await page.title()).toBe('Mirror report: Images');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('.troubles').textContent()).toContain("<script>document.title='owned'</script>");
  });

  it('finds copies by the words that are typed', async () => {
    const { page, said } = await opened();
    await page.getByRole('searchbox').fill('library mirrored');
    expect((await sources(page)).sort()).toEqual(['docker.io/library/alpine:1', 'docker.io/library/nginx:1']);
    expect(await page.getByRole('status').textContent()).toBe('2 of 8');
    await page.getByRole('searchbox').fill('no such copy');
    expect(await shown(page).count()).toBe(0);
    await page.getByRole('searchbox').fill('');
    expect(await shown(page).count()).toBe(8);
    expect(said).toEqual([]);
  });

  it('sorts by what a column means, there and back', async () => {
    const { page, said } = await opened();
    const head = page.getByRole('columnheader', { name: 'Sent' });
    const first = async () => (await sources(page))[0];
    await head.getByRole('button').click();
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect((await sources(page)).slice(0, 3)).toEqual([
      'docker.io/library/nginx:1',
      'docker.io/library/redis:1',
      'docker.io/library/alpine:1',
    ]);
    const mirrored = page.getByRole('columnheader', { name: 'Mirrored' });
    await mirrored.getByRole('button').click();
    expect(await first()).toBe('docker.io/library/nginx:1');
    expect(await head.getAttribute('aria-sort')).toBeNull();
    await page.getByRole('columnheader', { name: 'State' }).getByRole('button').press('Enter');
    expect(await first()).toBe('docker.io/library/busybox:1');
    expect(said).toEqual([]);
  });

  it('can be read without scripts, where there is nothing to click', async () => {
    const { page } = await opened({ javaScriptEnabled: false });
    expect(await shown(page).count()).toBe(8);
    expect(await page.getByRole('searchbox').count()).toBe(0);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.locator('.troubles li').count()).toBe(4);
  });

  it('is light or dark as its reader is, and fits where it is narrow', async () => {
    const background = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const [light, dark] = [await opened({ colorScheme: 'light' }), await opened({ colorScheme: 'dark' })];
    expect(await background(light.page)).toBe('rgb(246, 247, 249)');
    expect(await background(dark.page)).toBe('rgb(18, 22, 28)');
    const narrow = await opened({ viewport: { width: 360, height: 740 } });
    expect(await narrow.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    for (const [name, { page }] of Object.entries({ light, dark, narrow })) {
      await page.screenshot({ path: `${PICTURES ?? folder.path}/report-${name}.png`, fullPage: true });
    }
  });
});
