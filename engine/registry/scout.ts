import type { Answer } from './answer';
import type { Call, Clients, RegistrySite } from './client';

/**
 * Sends a request, and before the first that is a pull a HEAD for the same: it counts for nothing, and tells how many pulls are
 * left and who is counted. What fails about it, the request itself tells.
 */
export async function scouted(
  { limiter }: Pick<Clients, 'limiter'>,
  site: RegistrySite,
  registry: string,
  call: Call,
  send: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  if (call.method === 'GET' && call.kind === 'manifest') {
    // Bounded: whoever waited for another's HEAD that told nothing sends one of its own, and goes on.
    if (site.scouting !== undefined) await site.scouting;
    if (limiter?.asksFirst?.(registry) === true) {
      site.scouting ??= send({ ...call, method: 'HEAD' }).then(
        () => undefined,
        () => undefined,
      );
      await site.scouting;
      site.scouting = undefined;
    }
  }
  return send(call);
}
