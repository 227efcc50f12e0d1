import { stringify } from 'yaml';
import type { ParsedRow } from '../../../lib/model/mirror';
import { imageConcerns } from '../../../lib/model/token-rotation/images';
import { rotationManifests } from '../../../lib/model/token-rotation/manifests';
import type { RotatedRegistry, RotationSettings } from '../../../lib/model/token-rotation/settings';
import type { FlagValues } from '../../arguments';
import type { Io } from '../../io';
import type { PullConfig } from '../kind';
import { labelled, parseLabels } from '../labels';
import { programs } from './programs';
import { registriesOf } from './registries';
import { namedHosts, rotationSettings } from './settings';

/**
 * `ecr-mirror pull-config token-rotation`: a job in a cluster that keeps tokens of Amazon ECR in pull secrets.
 *
 * @throws UsageError; CopyError where images are to be pinned, and a registry does not say what they are
 */
export async function tokenRotation(rows: readonly ParsedRow[], flags: FlagValues, io: Io): Promise<PullConfig> {
  const asked = rotationSettings(flags);
  const { registries, notes } = registriesOf(rows, namedHosts(flags), asked.identity);
  const settings = flags.pin === undefined ? asked : await (await import('./pin')).pinned(asked, flags, io);
  const labels = typeof flags.labels === 'string' ? parseLabels(flags.labels) : {};
  // Job and CronJob share their template: each is written in full.
  const options = { lineWidth: 0, aliasDuplicateObjects: false };
  const documents = rotationManifests(settings, registries, { programs }).map((one) =>
    stringify(labelled(one, labels), options),
  );
  return {
    files: [{ path: 'token-rotation.yaml', text: documents.join('---\n') }],
    notes: [...notes, ...pinNotes(asked, settings), ...imageNotes(settings, registries), ...identityNotes(settings)],
  };
}

function pinNotes(asked: RotationSettings, pinned: RotationSettings): readonly string[] {
  return [
    ['--image', asked.image, pinned.image],
    ['--aws-image', asked.awsImage, pinned.awsImage],
  ].flatMap(([flag, before, now]) => (before === now ? [] : [`${flag}: ${now}, as its tag is today`]));
}

const CONCERNS = {
  unpinned: 'is no image for good; --pin, or one with its digest, would do',
  circular: 'needs a token that its own job renews: once that has expired, nobody does',
} as const;

function imageNotes({ image, awsImage }: RotationSettings, registries: readonly RotatedRegistry[]): readonly string[] {
  return [
    ['--image', image],
    ['--aws-image', awsImage],
  ].flatMap(([flag = '', name = '']) =>
    imageConcerns(name, registries).map((concern) => `${flag}: ${name} ${CONCERNS[concern]}`),
  );
}

function identityNotes({ identity, name, namespace }: RotationSettings): readonly string[] {
  const account = `system:serviceaccount:${namespace}:${name}`;
  if (identity.kind === 'role') return [`${identity.arn} has to trust ${account}, with sts.amazonaws.com as audience`];
  if (identity.kind === 'keys')
    return [`${identity.secret}: keys that do not expire; --role-arn or --aws-config would do without`];
  if (identity.kind === 'config')
    return [`${identity.secret}: what its config names has to be in it, or in --aws-image`];
  return [`no identity is named: ${account} needs an association of EKS Pod Identity, or --role-arn`];
}
