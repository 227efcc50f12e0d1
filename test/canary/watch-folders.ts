import fs, { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inspect } from '../../local/canary';

/** Bytes; what is larger is image content. */
const LARGEST = 2 ** 24;
/**
 * Where credentials are kept: the configuration of Docker or podman, programs that answer for it, and what a pod is given in
 * memory (its account's token, and those that Amazon ECR has answered with).
 */
const KEPT_THERE = /^(?:config\.json|auth\.json|docker-credential-.+|token|.+\.ecr-token\.json)$/;
/** Bundles in a synthesized app, by their digest: each is looked at once. */
const ASSET = /^asset\.[0-9a-f]{64}/;

/**
 * Looks at every file in a temporary folder before it is removed, and in the end in those that nobody removed: templates,
 * assets, state files, layouts, whatever process wrote them.
 */
export function watchFolders() {
  const left = new Set<string>();
  const made = (folder: unknown) => {
    left.add(String(folder));
    return folder;
  };
  const looked = new Set<string>();
  const look = (path: string) => {
    inspectTree(path, looked);
    left.delete(path);
  };
  const { mkdtempSync, rmSync, promises } = fs;
  const { mkdtemp, rm } = promises;
  fs.mkdtempSync = ((...args: Parameters<typeof mkdtempSync>) => made(mkdtempSync(...args))) as typeof mkdtempSync;
  fs.rmSync = (path, options) => {
    look(String(path));
    rmSync(path, options);
  };
  promises.mkdtemp = (async (...args: Parameters<typeof mkdtemp>) => made(await mkdtemp(...args))) as typeof mkdtemp;
  promises.rm = async (path, options) => {
    look(String(path));
    await rm(path, options);
  };
  return {
    inspectThoseLeft: () => {
      for (const folder of [...left]) look(folder);
    },
    end: () => {
      Object.assign(fs, { mkdtempSync, rmSync });
      Object.assign(promises, { mkdtemp, rm });
    },
  };
}

function inspectTree(path: string, looked: Set<string>): void {
  const name = basename(path);
  if (KEPT_THERE.test(name) || looked.has(name)) return;
  if (ASSET.test(name)) looked.add(name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    // Nobody follows a link out of the folder.
    const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => !entry.isSymbolicLink());
    for (const entry of entries) inspectTree(join(path, entry.name), looked);
  } else if (found?.isFile() === true && found.size <= LARGEST) {
    inspect(`the file ${name}`, readFileSync(path, 'latin1'));
  }
}
