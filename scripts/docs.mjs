/** `node scripts/docs.mjs [--check]`: writes API.md from the built construct; with `--check` fails when it is out of date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Documentation, Language } from 'jsii-docgen';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));

const arguments_ = process.argv.slice(2);
const unknown = arguments_.find((argument) => argument !== '--check');
if (unknown !== undefined) fail(64, `got ${JSON.stringify(unknown)}; --check, or nothing, would do`);
if (!existsSync('.jsii')) fail(1, 'there is no .jsii; npm run build makes it');

const documentation = await Documentation.forProject(process.cwd());
const markdown = (await documentation.toMarkdown({ language: Language.TYPESCRIPT, readme: false })).render();

if (!arguments_.includes('--check')) {
  writeFileSync('API.md', markdown);
  console.log(`API.md     ${Math.ceil(markdown.length / 1024)} KiB`);
} else if (!existsSync('API.md') || readFileSync('API.md', 'utf8') !== markdown) {
  fail(1, 'API.md is not what the construct says; npm run build && npm run docs writes it');
}
await documentation.cleanup();

function fail(code, message) {
  console.error(`docs: ${message}`);
  process.exit(code);
}
