import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let server: Server;
let answer: (asked: string) => { readonly status: number; readonly body: string };

/** A registry of npm that knows audits and nothing else. */
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const { status, body } = answer(`${request.method} ${request.url}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
const cache = mkdtempSync(join(tmpdir(), 'audit-'));
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(cache, { recursive: true, force: true });
});

/** What CI's audit says of a registry, and how it exits. */
function audit(): Promise<{ readonly code: number; readonly said: string }> {
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = { ...process.env, npm_config_registry: registry, npm_config_cache: cache, npm_config_fetch_retries: '0' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['.ci/audit'], { env }, (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), said: `${out}${err}` });
    });
  });
}

let advisories = 0;
const known = (name: string, severity: string) => {
  // npm remembers what it worked out for an advisory.
  advisories += 1;
  const advisory = {
    id: advisories,
    url: 'https://example.com/1',
    title: 'a hole',
    severity,
    vulnerable_versions: '*',
  };
  answer = (asked) => {
    if (asked.startsWith('POST')) return { status: 200, body: JSON.stringify({ [name]: [advisory] }) };
    return { status: 404, body: '{}' };
  };
};

describe('the audit of what is shipped', () => {
  it('passes when nothing is known', async () => {
    answer = () => ({ status: 200, body: '{}' });
    expect(await audit()).toMatchObject({ code: 0, said: expect.stringMatching(/^audit: 0 findings/) });
  }, 120_000);

  it.each([
    ['a package that is installed', 'semver'],
    ['a package in a bundle', 'yaml'],
  ])(
    'fails for a finding in %s',
    async (_, name) => {
      known(name, 'moderate');
      expect(await audit()).toMatchObject({
        code: 1,
        said: expect.stringMatching(new RegExp(`audit: ${name} .*moderate`)),
      });
    },
    120_000,
  );

  it('lets pass what is low, and what is only for development', async () => {
    known('yaml', 'low');
    expect((await audit()).code).toBe(0);
    known('jest', 'critical');
    expect((await audit()).code).toBe(0);
  }, 120_000);

  it('is no pass when the registry does not answer audits', async () => {
    answer = () => ({ status: 405, body: '' });
    expect(await audit()).toMatchObject({ code: 69, said: expect.stringMatching(/^audit: not done: got 405 .*\n$/) });
  }, 120_000);
});
