import { parse } from 'yaml';
import { parseMirrorFile } from '../../lib/model/mirror-file';
import { blocks, documents, read } from './documents';

describe('documents', () => {
  const files = documents().flatMap((path) =>
    blocks(read(path), 'yaml').flatMap((text, index) =>
      /^mirrors:/m.test(text) ? [[path, index, text] as const] : [],
    ),
  );

  it.each(files)('%s: its file of mirrors %i can be used as it is', (_path, _index, text) => {
    const { rows, problems } = parseMirrorFile(parse(text, { version: '1.2' }));
    expect([...problems, ...rows.flatMap((row) => row.problems)]).toEqual([]);
  });

  it('show a file of mirrors', () => expect(files.length).toBeGreaterThan(1));
});
