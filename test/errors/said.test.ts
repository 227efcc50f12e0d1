import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../../lib/model/errors';

const ROOT = join(__dirname, '..', '..');

/** What the product is made of, but for the catalogue itself. */
function sources(): string {
  const folders = ['engine', 'aws', 'lambda', 'container', 'bin', 'signatures', 'lib'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const own = (file: string) => /\.ts$/.test(file) && !/lib\/model\/(errors\/|error-code\.ts)/.test(file);
  return files
    .filter(own)
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
}

describe('the sources', () => {
  const text = sources();

  it.each(ERROR_CODES)('say %s somewhere', (code) => expect(text).toContain(`'${code}'`));
});
