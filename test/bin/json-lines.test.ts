import { COMMANDS } from '../../bin/command-list';
import { image, pushBuilt } from '../../local/images';
import type { RunningRegistry } from '../../local/registry';
import { openBench, QUICK, record } from './drive';
import { eventOf, undocumented, WITH_STACK, type WithoutStack } from './json-lines';

/** Each command, told in JSON: its words, how long it may go on, and the events that there are at least. */
const CASES: Readonly<Record<WithoutStack, { readonly words: string; readonly events: string }>> = {
  plan: { words: 'plan -f mirrors.yaml --sizes', events: 'copy failed price skipped summary warning' },
  sync: { words: 'sync -f mirrors.yaml --state state.json', events: 'copied failed skipped summary warning' },
  verify: { words: 'verify -f mirrors.yaml', events: 'failed skipped summary verified' },
  status: { words: 'status -f mirrors.yaml --state state.json', events: 'controller counts status' },
  report: { words: 'report -f mirrors.yaml --state state.json', events: 'file' },
  copy: { words: 'copy SOURCE/org/app:v1 DESTINATION/copied', events: 'copied summary' },
  tags: { words: 'tags SOURCE/org/app', events: 'selection tag' },
  serve: { words: 'serve -f mirrors.yaml', events: 'failed summary warning' },
  export: { words: 'export -f mirrors.yaml -o oci:layout', events: 'copied failed skipped summary warning' },
  contents: { words: 'contents oci:layout', events: 'image' },
  load: { words: 'load oci:layout --destination DESTINATION/loaded', events: 'copied summary' },
  import: { words: 'import images.txt', events: 'file' },
  'pull-config': { words: 'pull-config kustomize -f mirrors.yaml', events: 'file' },
  explain: { words: 'explain', events: 'code' },
  completion: { words: 'completion bash', events: 'file' },
};

const bench = openBench();
let [source, destination]: [RunningRegistry?, RunningRegistry?] = [];

beforeAll(async () => {
  [source, destination] = await Promise.all([bench.registry(), bench.registry()]);
  await pushBuilt(source.address, 'org/app', image({ seed: 'app' }), ['v1']);
  const mirrors = [
    { source: `${source.host}/org/app:v1`, destination: `${destination.host}/m/app:v1` },
    { source: `${source.host}/org/paused:v1`, destination: `${destination.host}/m/paused:v1`, paused: true },
    { source: `${source.host}/org/gone:v1`, destination: `${destination.host}/m/gone:v1`, further: 'x' },
  ];
  bench.write('mirrors.yaml', JSON.stringify({ mirrors }));
  bench.write('images.txt', 'docker.io/library/nginx:1.27\n');
});
afterAll(() => bench.close());

it('every command has a case, here or with a stack', () => {
  expect([...Object.keys(CASES), ...WITH_STACK].sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

it.each(Object.entries(CASES))('%s tells machines lines that are described', async (name, { words, events }) => {
  const argv = words.replace('SOURCE', source?.host ?? '').replace('DESTINATION', destination?.host ?? '');
  const soon = new AbortController();
  const stdout = record();
  const write = (more: string) => {
    stdout.write(more);
    // It goes on until it is stopped.
    if (words.startsWith('serve') && more.includes('"summary"')) soon.abort();
  };
  const io = { stdout: { write }, signal: soon.signal };
  const asks = COMMANDS.find((command) => command.name === name)?.offline !== true;
  await bench.run([...argv.split(' '), '--json', ...(asks ? ['--plain-http', ...QUICK] : [])], io);
  const out = stdout.lines();
  expect(undocumented({ out })).toEqual([]);
  expect([...new Set(out.map(eventOf))].sort()).toEqual(expect.arrayContaining(events.split(' ')));
});
