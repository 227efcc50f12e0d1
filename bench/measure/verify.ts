import { Agent, type ClientRequest, request } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { ACCEPTED_MANIFESTS } from '../../lib/model/descriptor';
import type { Place } from '../tool';

/** A place and the digest that its tag must have. */
export interface Expected {
  readonly place: Place;
  readonly digest: string;
}

/** Of the authority that signed the registries' certificates. @default - plain http */
type Certificate = string | undefined;

/** Asks each place for its digest. @returns undefined for a tag that is not there */
export async function digestsOf(places: readonly Place[], ca?: Certificate): Promise<(string | undefined)[]> {
  const settings = { keepAlive: true, maxSockets: 4 };
  const agent = ca === undefined ? new Agent(settings) : new TlsAgent({ ...settings, ca });
  try {
    return await Promise.all(places.map((place) => digestOf(place, agent)));
  } finally {
    agent.destroy();
  }
}

/** @throws Error when a place does not hold what it should */
export async function verifyAll(expected: readonly Expected[], ca?: Certificate): Promise<void> {
  const places = expected.map(({ place }) => place);
  const found = await digestsOf(places, ca);
  const wrong = expected.flatMap(({ place, digest }, at) =>
    found[at] === digest ? [] : [`${place.repository}:${place.tag}: got ${found[at] ?? 'nothing'}; ${digest} would do`],
  );
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${expected.length} places are wrong: ${wrong[0]}`);
}

function digestOf({ registry, repository, tag }: Place, agent: Agent | TlsAgent): Promise<string | undefined> {
  const options = { method: 'HEAD', agent, headers: { accept: ACCEPTED_MANIFESTS.join(', ') } };
  const path = `${registry}/v2/${repository}/manifests/${tag}`;
  return new Promise((resolve, reject) => {
    const sent: ClientRequest =
      agent instanceof TlsAgent ? requestTls(`https://${path}`, options) : request(`http://${path}`, options);
    sent.once('response', (answer) => {
      const digest = answer.headers['docker-content-digest'];
      answer.resume().once('end', () => resolve(answer.statusCode === 200 ? String(digest) : undefined));
    });
    sent.once('error', reject).end();
  });
}
