import { release } from './release';

/**
 * `npm run release`: says which version the commits since the last release ask for, and what its section of CHANGELOG.md is.
 * `-- --write` puts both into the files. `-- --title TEXT` holds the title of a pull request to the rules, `-- --notes VERSION`
 * prints what the changelog says of a version, and `-- --tag v1.2.3` the same, where files and tag are of one release.
 */
try {
  release(process.argv.slice(2), {
    folder: '.',
    today: new Date().toISOString().slice(0, 10),
    tell: (line) => console.log(line),
    warn: (line) => console.error(line),
  });
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
