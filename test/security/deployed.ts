import type { MirrorSettings } from '../../lib/model/settings';
import { startMirror, type TestMirror } from '../aws/mirror';
import { settingsOf, synthesize } from '../lib/stack';

/** The registry of the account that the construct is synthesized for. */
export const OWN = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** What the construct tells controller and worker when it is given no props at all. */
export function defaults(): MirrorSettings {
  return settingsOf(synthesize().template()) as unknown as MirrorSettings;
}

/** A deployed mirror that allows what the construct allows by default, and `destination.test/mirror/**` to be written beside it. */
export async function startDefaultMirror(): Promise<TestMirror> {
  const { permissions, mapping } = defaults();
  const mirror = await startMirror();
  const destinations = [...permissions.destinations, 'destination.test/mirror/**'];
  return Object.assign(mirror, { permissions: { ...permissions, destinations }, mapping });
}

/** Whoever reads the table of copies sees this of a row. */
export async function saidOf(mirror: TestMirror, row: string): Promise<{ State?: string; Error?: string }> {
  return (await mirror.copy(row, '-')) ?? {};
}
