import { secretNamed } from '../../local/canary';
import type { RunningRegistry } from '../../local/registry';

export const PARTNER = { username: 'mirror', password: secretNamed('of-the-partner') };

const pair = Buffer.from(`${PARTNER.username}:${PARTNER.password}`).toString('base64');
/** Whoever may do everything in a registry. */
export const asOwner = (registry: RunningRegistry) => ({
  authorization: `Basic ${registry.ecr?.authorizationToken().token ?? pair}`,
});

/** A token that anybody gets. */
export async function tokenFor({ address }: RunningRegistry, repository: string): Promise<{ authorization: string }> {
  const scope = `repository:${repository}:pull,push`;
  const answer = await fetch(`${address}/token?service=registry.example&scope=${scope}`);
  const { token } = (await answer.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}
