import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { assetPath } from './asset';
import { PROGRAM_NAMES, type Programs } from './model/token-rotation/files';
import { imageConcerns } from './model/token-rotation/images';
import type { RotatedRegistry } from './model/token-rotation/settings';

/** What runs in the pod, as the command line writes it, too. */
export function rotationPrograms(): Programs {
  const folder = assetPath('token-rotation', PROGRAM_NAMES[0]);
  const texts = PROGRAM_NAMES.map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  return Object.fromEntries(texts) as Programs;
}

const CONCERNS = {
  unpinned:
    'is no image for good; one with its digest would do, as ecr-mirror pull-config token-rotation --pin says it',
  circular: 'needs a token that its own job renews, unless the nodes get one by themselves',
} as const;

/** Of images that may become others, or that need what they are there to renew. */
export function warnOfImages(
  scope: Construct,
  images: { readonly image: string; readonly awsImage: string },
  registries: readonly RotatedRegistry[],
): void {
  for (const prop of ['image', 'awsImage'] as const) {
    const name = images[prop];
    if (Token.isUnresolved(name)) continue;
    for (const concern of imageConcerns(name, registries)) {
      const text = `${prop}: ${name} ${CONCERNS[concern]}`;
      Annotations.of(scope).addWarningV2(`cdk-ecr-mirror:${concern}:${prop}`, text);
    }
  }
}
