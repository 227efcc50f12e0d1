import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { which } from '../local/process/which';
import type { RegistryKind } from './registries/start';

/** What a reader has to know of where it was measured, a line for each. */
export function describeMachine(kind: RegistryKind): string[] {
  const processors = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    `${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'}), ${memory} GiB, Linux ${release()}`,
    `Node ${process.versions.node}`,
    `registries: ${kind} ${registryVersion(kind)}`,
  ];
}

function registryVersion(kind: RegistryKind): string {
  const program = which(kind);
  if (program === undefined) return 'is not there';
  const said = execFileSync(program, ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return /v?(\d+\.\d+\S*)/.exec(said)?.[1] ?? 'of an unknown version';
}
