import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PropsInvalid } from './props-invalid';

/** What the build puts under `assets/`, each in a folder of its own. The same path from `lib/` and from `dist/`. */
export function assetPath(name: 'controller' | 'token-rotation' | 'webhook' | 'worker', file: string): string {
  const folder = join(__dirname, '..', 'assets', name);
  if (existsSync(join(folder, file))) return folder;
  throw new PropsInvalid(`EcrMirror: there is no assets/${name}/${file} in the package; npm run build makes it`);
}
