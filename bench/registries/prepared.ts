import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { newFolder } from '../cleanup';
import { CORPUS_VERSION } from '../corpus/images';
import { pushAll } from '../corpus/push';
import { contentOf, type State } from '../corpus/scenarios';
import { type RegistryKind, startRegistry } from './start';

/** Between benchmarks, what registries hold is kept here: pushing it takes longer than copying its files. */
function keptIn(kind: RegistryKind): string {
  return join(tmpdir(), `ecr-mirror-corpus-${CORPUS_VERSION}-${userInfo().uid}`, kind);
}

/** The content of a registry that was filled, before or now: to be read, not to be written to. */
export async function preparedContent(kind: RegistryKind, state: State): Promise<string> {
  const kept = join(keptIn(kind), state);
  if (existsSync(kept)) return kept;
  mkdirSync(keptIn(kind), { recursive: true, mode: 0o700 });
  const folder = newFolder(keptIn(kind));
  const content = join(folder.path, 'content');
  try {
    const registry = await startRegistry({ kind, folder: folder.path, content });
    try {
      await pushAll(`http://${registry.host}`, contentOf(state));
    } finally {
      await registry.close();
    }
    if (!existsSync(kept)) renameSync(content, kept);
  } finally {
    folder.remove();
  }
  return kept;
}

/** Puts what a registry in this state holds where a new one will look for it. */
export async function fillContent(kind: RegistryKind, state: State, content: string): Promise<void> {
  if (state !== 'empty') await cp(await preparedContent(kind, state), content, { recursive: true });
}
