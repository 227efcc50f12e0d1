/** Makes the controller's and the worker's bundle again, the same bytes, with source maps: what is shipped has none. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { BUNDLES } from '../bundles.mjs';

const places = JSON.parse(readFileSync(new URL('places.json', import.meta.url), 'utf8'));

for (const { options } of BUNDLES) {
  // The names of the command line's files are made from what is in them, source maps included: they would be others.
  if (options.outfile === undefined) continue;
  const outfile = join(places.maps, relative('assets', options.outfile));
  await build({ ...options, outfile, sourcemap: 'external' });
}
