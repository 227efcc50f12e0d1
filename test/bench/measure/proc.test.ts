import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childrenCpuOf, peakMemoryOf, treePeakMemory } from '../../../bench/measure/proc';

const MIB = 1024 * 1024;

describe('what Linux says about processes', () => {
  it('holds the CPU time of children, whatever the name of the process is', () => {
    const stat = `42 (a) b) S ${Array.from({ length: 49 }, (_, at) => at + 4).join(' ')}`;
    expect(childrenCpuOf(stat)).toBeCloseTo((16 + 17) / 100);
  });

  it('holds the most memory that a process ever had', () => {
    expect(peakMemoryOf('Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 10 kB\n')).toBe(2 * MIB);
    expect(peakMemoryOf('Name:\tx\nState:\tZ (zombie)\n')).toBe(0);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('adds up a process and what it started', async () => {
    const inner = 'const b = Buffer.alloc(80 * 1048576, 1); process.stdout.write("up"); setInterval(() => b, 1000)';
    const outer = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' })`;
    const child = spawn(process.execPath, ['-e', outer], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    try {
      await once(child.stdout, 'data');
      const [tree, alone] = [treePeakMemory(child.pid as number), treePeakMemory(process.pid)];
      expect(tree).toBeGreaterThan(100 * MIB);
      expect(alone).toBeGreaterThanOrEqual(tree);
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL');
    }
    await once(child, 'close');
    expect(treePeakMemory(child.pid as number)).toBe(0);
  });
});
