import { type Bench, openBench } from '../bin/drive';
import { blocks, read } from './documents';

const page = read('docs/accounts.md');

describe('the page on several accounts and regions', () => {
  it('shows the example as it is compiled and synthesized', () => {
    const example = read('examples/accounts-and-regions/app.ts');
    const shown = blocks(page, 'ts');
    expect(shown.length).toBeGreaterThan(1);
    for (const block of shown) expect(example).toContain(block);
  });

  it('quotes the warning about replication as the program says it', async () => {
    const [line = ''] = blocks(page, 'text');
    const [, source = '', destination = ''] = /^warning {2}(\S+): destination: got (\S+),/.exec(line) ?? [];
    const bench: Bench = openBench();
    try {
      // Nobody answers there: what is asked for is told before that.
      bench.env.REGISTRY_ENDPOINTS = JSON.stringify(
        Object.fromEntries([source, destination].map((one) => [one.split('/')[0], 'http://127.0.0.1:1'])),
      );
      bench.write('config.json', JSON.stringify({ auths: auths(source, destination) }));
      bench.write('mirrors.yaml', JSON.stringify({ mirrors: [{ source, destination, tags: {} }] }));
      const { err } = await bench.run(['plan', '-f', 'mirrors.yaml', '--attempts', '1']);
      expect(err.filter((one) => one.startsWith('warning'))).toEqual([line.trimEnd()]);
    } finally {
      await bench.close();
    }
  });
});

function auths(...names: readonly string[]): object {
  const auth = Buffer.from('user:anything').toString('base64');
  return Object.fromEntries(names.map((name) => [name.split('/')[0], { auth }] as const));
}
