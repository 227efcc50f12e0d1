import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommands } from '../../../bench/measure/run-commands';

const node = (script: string) => ({ file: process.execPath, args: ['-e', script] });

describe('commands that are measured', () => {
  let cwd = '';
  const limits = (timeout = 60) => ({ cwd, output: join(cwd, 'output'), timeout });

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'measured-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  it('take time, and memory as much as the one that took most', async () => {
    const big = node(
      'const b = Buffer.alloc(200 * 1048576, 1); const end = Date.now() + 200; while (Date.now() < end) b[0]++',
    );
    const effort = await runCommands([node(''), big, node('')], limits());
    expect(effort.wall).toBeGreaterThan(0);
    expect(effort.cpu).toBeGreaterThan(0);
    expect(effort.peakMemory / 1024 ** 2).toBeGreaterThan(200);
    expect(effort.peakMemory / 1024 ** 2).toBeLessThan(600);
  });

  it('run in their folder, with nothing of the environment but what they are given', async () => {
    process.env.BENCH_SECRET = 'x';
    const script =
      'require("fs").writeFileSync("seen", JSON.stringify([process.env.BENCH_SECRET, process.env.A, process.env.HOME]))';
    await runCommands([{ ...node(script), environment: { A: 'b' } }], limits());
    delete process.env.BENCH_SECRET;
    expect(JSON.parse(readFileSync(join(cwd, 'seen'), 'utf8'))).toEqual([null, 'b', cwd]);
  });

  it('fail with the end of what they said', async () => {
    const failing = node('console.log("a line"); console.error("what went wrong"); process.exitCode = 3');
    await expect(runCommands([failing], limits())).rejects.toThrow('ended with 3: a line what went wrong');
  });

  it('are not followed by another one when one fails', async () => {
    const marking = node('require("fs").writeFileSync("seen", "")');
    await expect(runCommands([node('process.exit(1)'), marking], limits())).rejects.toThrow('ended with 1');
    expect(() => readFileSync(join(cwd, 'seen'))).toThrow('ENOENT');
  });

  it('fail when the program is not there', async () => {
    await expect(runCommands([{ file: '/nowhere/program', args: [] }], limits())).rejects.toThrow('ENOENT');
  });

  it('are ended when they take too long', async () => {
    await expect(runCommands([node('setInterval(() => {}, 1000)')], limits(1))).rejects.toThrow('not done after 1 s');
  });
});
