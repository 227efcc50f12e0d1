import { SHELLS } from '../../bin/completion/spec';
import { which } from '../../local/process/which';
import { openBench } from './drive';
import { completionSuite } from './shells/suite';

const bench = openBench();
afterAll(() => bench.close());

const absent = SHELLS.filter((shell) => which(shell) === undefined);
if (absent.length > 0) {
  process.stderr.write(`completion: ${absent.join(' and ')} not here: npm run test:real installs what it lacks\n`);
}

describe.each(SHELLS.filter((shell) => !absent.includes(shell)))('completion in %s', (shell) => completionSuite(shell));

describe('ecr-mirror completion', () => {
  it.each([...SHELLS])('prints a script for %s that is text alone', async (shell) => {
    const { code, out, err } = await bench.run(['completion', shell]);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out.join('\n')).toMatch(/^#.*ecr-mirror/);
    const told = (await bench.run(['completion', shell, '--json'])).out.map((line) => JSON.parse(line));
    expect(told).toEqual([{ event: 'file', path: `ecr-mirror.${shell}`, text: `${out.join('\n')}\n` }]);
  });

  it('says which shell was meant', async () => {
    const { code, err } = await bench.run(['completion', 'fisch']);
    expect({ code, err }).toEqual({
      code: 64,
      err: [expect.stringContaining('completion: got "fisch"; fish would do')],
    });
  });
});
