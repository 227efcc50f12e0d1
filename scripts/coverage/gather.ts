import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Compiled, compiledBundle, compiledByJest } from './compiled';
import { countsOf, type ScriptCoverage } from './counts';
import { FileCoverage } from './file';
import { jest, maps, measured, spawned } from './places.json';

/** All measurements, by source file. */
export function gather(): FileCoverage[] {
  const files = new Map(sources().map((path) => [path, new FileCoverage(path)]));
  const add = (script: ScriptCoverage, compiled: Compiled) => {
    const counts = countsOf(script);
    for (const path of compiled.files) files.get(path)?.add(compiled, counts);
  };
  for (const script of ofJest()) add(script, textOfJest(script.url));
  const bundles = bundlesWithMaps();
  for (const script of ofProcesses()) {
    const bundle = bundles.find(({ name, length }) => basename(script.url) === name && lengthOf(script) === length);
    if (bundle !== undefined) add(script, bundle.compiled);
  }
  return [...files.values()];
}

function sources(): string[] {
  return measured.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
}

function* ofJest(): Generator<ScriptCoverage> {
  for (const file of readdirSync(jest).filter((name) => name.endsWith('.json'))) {
    yield* JSON.parse(readFileSync(join(jest, file), 'utf8')) as ScriptCoverage[];
  }
}

const texts = new Map<string, Compiled>();

function textOfJest(url: string): Compiled {
  const known = texts.get(url);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const compiled = compiledByJest(readFileSync(join(jest, `${name}.js`), 'utf8'));
  texts.set(url, compiled);
  return compiled;
}

/** A process that was killed may have left half a file. */
function* ofProcesses(): Generator<ScriptCoverage> {
  if (!existsSync(spawned)) return;
  for (const file of readdirSync(spawned)) {
    const text = readFileSync(join(spawned, file), 'utf8');
    const { result } = text.endsWith('}') ? (JSON.parse(text) as { result: ScriptCoverage[] }) : { result: [] };
    yield* result.filter(({ url }) => url.startsWith('file:'));
  }
}

/** Deployed bundles are copies, in folders that are gone when this is read: they are known by name and length. */
function bundlesWithMaps() {
  return readdirSync(maps, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => {
      const path = join(maps, file);
      return { name: basename(file), length: readFileSync(path, 'utf8').length, compiled: compiledBundle(path) };
    });
}

function lengthOf({ functions }: ScriptCoverage): number | undefined {
  return functions[0]?.ranges[0]?.endOffset;
}
