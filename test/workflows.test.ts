import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { parse } from 'yaml';
import { TYPES, titleProblem } from '../scripts/release/commits';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly environment?: string;
  readonly needs?: string | readonly string[];
  readonly steps: readonly Step[];
}

const FOLDER = '.github/workflows';
const read = (path: string) => readFileSync(path, 'utf8');
const workflows = readdirSync(FOLDER).map((file) => ({ file, ...parse(read(join(FOLDER, file))) }));
const jobs = workflows.flatMap(({ file, jobs }) =>
  Object.entries<Job>(jobs).map(([name, job]) => ({ what: `${file}: ${name}`, job })),
);
const steps = jobs.flatMap(({ what, job }) => job.steps.map((step) => ({ what, step })));
const manifest = JSON.parse(read('package.json'));

describe('workflows', () => {
  it('are there', () => {
    expect(workflows.map(({ file }) => file).sort()).toEqual(['ci.yml', 'release.yml', 'title.yml']);
  });

  it('use actions by the commit of a release, one for each', () => {
    const used = workflows.flatMap(({ file }) => [...read(join(FOLDER, file)).matchAll(/uses: (.*)$/gm)]);
    const lines = used.map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    const names = new Set(lines.map((line) => line.split('@')[0]));
    expect(new Set(lines).size).toBe(names.size);
  });

  it('grant nothing to all jobs, and to each what it does', () => {
    expect(workflows.filter(({ permissions }) => JSON.stringify(permissions) !== '{}')).toEqual([]);
    const granted = Object.fromEntries(
      jobs.map(({ what, job }) => {
        const writes = Object.entries(job.permissions ?? { everything: 'write' }).filter(([, how]) => how !== 'read');
        return [what, writes.map(([name]) => name).sort()] as const;
      }),
    );
    expect(granted).toEqual({
      'ci.yml: all': [],
      'title.yml: title': [],
      'release.yml: build': [],
      'release.yml: attest': ['attestations', 'id-token'],
      'release.yml: npm': ['id-token'],
      'release.yml: pypi': ['id-token'],
      'release.yml: maven': [],
      'release.yml: nuget': ['id-token'],
      'release.yml: go': [],
      'release.yml: github': ['contents'],
    });
  });

  it('end', () => {
    expect(jobs.filter(({ job }) => !((job['timeout-minutes'] ?? 0) > 0)).map(({ what }) => what)).toEqual([]);
  });

  it('never run what somebody has typed: text from outside is a variable', () => {
    const typed = steps.filter(({ step }) => /\$\{\{(?!\s*(?:github\.event_name != 'push'))/.test(step.run ?? ''));
    expect(typed).toEqual([]);
    expect(workflows.flatMap(({ on }) => Object.keys(on)).filter((event) => event === 'pull_request_target')).toEqual(
      [],
    );
  });

  it('make a release of nothing that another run has left in a cache', () => {
    const setups = steps.filter(
      ({ what, step }) => what.startsWith('release.yml') && /setup-(?:node|go)@/.test(step.uses ?? ''),
    );
    expect(setups.length).toBeGreaterThan(4);
    const cached = setups.filter(
      ({ step }) => ![step.with?.cache, step.with?.['package-manager-cache']].includes(false),
    );
    expect(cached).toEqual([]);
    expect(steps.filter(({ step }) => step.uses?.startsWith('actions/cache@'))).toEqual([]);
  });

  it('leave no token behind in a checkout', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(3);
    expect(checkouts.filter(({ step }) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  it('have secrets only where people let a release through, and run nothing of a package there', () => {
    const secret = jobs.filter(({ job }) => JSON.stringify(job).includes('secrets.'));
    expect(secret.map(({ what, job }) => [what, job.environment])).toEqual([
      ['release.yml: maven', 'maven'],
      ['release.yml: go', 'go'],
    ]);
    const publishing = jobs.filter(({ job }) => job.environment !== undefined);
    const installs = publishing.flatMap(({ job }) =>
      job.steps.filter(({ run }) => /npm (?:ci|i|install)\b/.test(run ?? '')),
    );
    expect(installs.filter(({ run }) => !run?.includes('--ignore-scripts'))).toEqual([]);
  });

  it('run scripts that there are', () => {
    const scripts = steps.flatMap(({ step }) => [...(step.run ?? '').matchAll(/npm run (?:--silent )?([\w:-]+)/g)]);
    expect(scripts.length).toBeGreaterThan(4);
    expect(scripts.filter(([, name = '']) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  it('publish what was built once, and say so when all of it is out', () => {
    const release = jobs.filter(({ what }) => what.startsWith('release.yml'));
    const [build, ...others] = release;
    const publishes = others.filter(({ job }) => job.environment !== undefined).map(({ what }) => what.split(': ')[1]);
    expect(build?.what).toBe('release.yml: build');
    expect(publishes.sort()).toEqual(['go', 'maven', 'npm', 'nuget', 'pypi']);
    for (const { what, job } of others) {
      const downloads = job.steps.filter(({ uses }) => uses?.startsWith('actions/download-artifact@'));
      expect([what, downloads.length]).toEqual([what, 1]);
    }
    expect(others.find(({ what }) => what.endsWith('github'))?.job.needs).toEqual(expect.arrayContaining(publishes));
  });

  it.each([
    ['', ['publish ./packages/js/thing-1.2.3.tgz --provenance --access public']],
    ['1.2.3', []],
  ])('publish to npm what is not out yet: there is "%s"', (out, published) => {
    const place = mkdtempSync(join(tmpdir(), 'publish-'));
    try {
      mkdirSync(join(place, 'package'));
      writeFileSync(join(place, 'package/package.json'), JSON.stringify({ name: '@a/thing', version: '1.2.3' }));
      mkdirSync(join(place, 'packages/js'), { recursive: true });
      execFileSync('tar', ['-czf', 'packages/js/thing-1.2.3.tgz', 'package'], { cwd: place });
      const npm = ['#!/bin/sh', 'echo "$*" >> asked', '[ "$1" = view ] && printf "$OUT"', 'exit 0'];
      writeFileSync(join(place, 'npm'), npm.join('\n'), { mode: 0o755 });
      const { job } = jobs.find(({ what }) => what === 'release.yml: npm') ?? { job: { steps: [] } };
      const script = job.steps.find(({ run }) => run?.includes('npm publish'))?.run ?? '';
      const env = { PATH: `${place}:${process.env.PATH}`, OUT: out, DRY_RUN: '' };
      execFileSync('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd: place, env });
      const asked = read(join(place, 'asked')).trim().split('\n');
      expect(asked).toEqual(['view @a/thing@1.2.3 version', ...published]);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  it('publish with tools whose digests are kept', () => {
    const { dependencies } = JSON.parse(read('.github/publishing/package.json'));
    const { packages } = JSON.parse(read('.github/publishing/package-lock.json'));
    expect(packages[''].dependencies).toEqual(dependencies);
    const { '': _root, ...installed } = packages;
    const loose = Object.entries<{ integrity?: string }>(installed).filter(
      ([, one]) => !one.integrity?.startsWith('sha512-'),
    );
    expect(loose).toEqual([]);
  });
});

describe('updates of dependencies', () => {
  const { updates } = parse(read('.github/dependabot.yml'));

  it('look wherever there are some', () => {
    const looked: string[] = updates.flatMap((one: { directory?: string; directories?: string[] }) => {
      return one.directories ?? [one.directory];
    });
    const folders = ['package.json', 'go.mod', 'Dockerfile'].flatMap((name) => withFile(name, '.'));
    const paths = folders.map((folder) => join('/', folder));
    expect(paths.filter((path) => !picomatch.isMatch(path, looked))).toEqual([]);
    expect(looked.filter((pattern) => !paths.some((path) => picomatch.isMatch(path, pattern)))).toEqual([]);
  });

  it('are commits of a type', () => {
    for (const { 'commit-message': message } of updates) {
      expect(Object.keys(TYPES)).toContain(message.prefix);
      expect(titleProblem(`${message.prefix}: bump a from 1.0.0 to 1.0.1`)).toBeUndefined();
    }
  });
});

describe('forms of issues', () => {
  const forms = readdirSync('.github/ISSUE_TEMPLATE').filter((file) => file !== 'config.yml');

  it.each(forms)('%s asks for each thing once, in a way that GitHub shows', (file) => {
    const form = parse(read(join('.github/ISSUE_TEMPLATE', file)));
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String), body: expect.any(Array) });
    const asked = form.body.filter((one: { type: string }) => one.type !== 'markdown');
    const ids = asked.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, id, attributes } of asked) {
      expect(['textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(id).toMatch(/^[a-z-]+$/);
      expect(attributes.label).toEqual(expect.any(String));
      if (type === 'dropdown') expect(new Set(attributes.options).size).toBe(attributes.options.length);
    }
  });

  it('send vulnerabilities where SECURITY.md does', () => {
    const [link] = parse(read('.github/ISSUE_TEMPLATE/config.yml')).contact_links;
    expect(read('SECURITY.md')).toContain(`(${link.url})`);
  });
});

/** The folders of the repository that have a file of this name. */
function withFile(name: string, folder: string): string[] {
  const left = ['node_modules', '.git', 'dist', 'assets', 'build', 'cdk.out'];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return entry.name === name ? [folder] : [];
    return entry.isDirectory() && !left.includes(entry.name) ? withFile(name, join(folder, entry.name)) : [];
  });
}
