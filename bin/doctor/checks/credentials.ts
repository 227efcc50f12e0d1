import { mapWithin } from '../../../engine/gate';
import type { Access } from '../../../engine/ports';
import type { Said } from '../../../engine/registry/inquiry';
import { parseEcrHost } from '../../../lib/model/ecr-host';
import { formatRepository, type Repository } from '../../../lib/model/reference';
import type { DoctorCode } from '../codes';
import { codeOf, type Finding, ok, unknown, unknownBy, warning, wrong, wrongBy } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';

/** Repositories that are asked at once, and of one side in all: what holds for so many holds for the rest. */
const AT_ONCE = 8;
const MOST = 200;

/** A repository that is asked on one side. */
interface Asked {
  readonly repository: Repository;
  readonly access: Access;
  readonly tag?: string;
}

interface Answered {
  readonly asked: Asked;
  /** With whose credential it went well. @default - it did not */
  readonly as?: string;
  readonly findings: readonly Finding[];
}

/** Whether sources may be read, and destinations written, with the credentials that there are. Nothing is read, nothing written. */
export const checkCredentials: Check = {
  code: 'DOCTOR-CREDENTIAL',
  about: 'credentials',
  async look(ground, signal) {
    const { sources, destinations } = ground.places;
    // Of a stack others copy: what they may do in Amazon ECR, their policies tell.
    const ours = ({ repository }: { readonly repository: Repository }) =>
      ground.stack === undefined || parseEcrHost(repository.registry) === undefined;
    const all: readonly Asked[] = [
      ...sources
        .filter(ours)
        .slice(0, MOST)
        .map((place) => ({ ...place, access: 'pull' as const })),
      ...destinations
        .filter(ours)
        .slice(0, MOST)
        .map(({ repository }) => ({ repository, access: 'push' as const })),
    ];
    const answered = await mapWithin(AT_ONCE, all, (asked) => askOne(asked, ground, signal));
    return [...together(answered), ...each(answered.flatMap(({ findings }) => findings))];
  },
};

/** A credential that cannot be read is one finding, however many repositories it is for. */
function each(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

async function askOne(asked: Asked, ground: Ground, signal: AbortSignal): Promise<Answered> {
  const { repository, access, tag } = asked;
  const place = formatRepository(repository);
  // Who cannot be reached is told of elsewhere.
  if (!(await ground.ping(repository.registry).then(Boolean, () => false))) return { asked, findings: [] };
  let as: string;
  try {
    as = await credentialName(asked, ground);
  } catch (cause) {
    return { asked, findings: [wrongBy('DOCTOR-CREDENTIAL', repository.registry, cause)] };
  }
  const code: DoctorCode = access === 'pull' ? 'DOCTOR-PULL' : 'DOCTOR-PUSH';
  try {
    const { inquiry } = ground;
    const said = await (access === 'pull' ? inquiry.pull(repository, tag, signal) : inquiry.push(repository, signal));
    const judged = access === 'pull' ? judgePull(place, said, as) : judgePush(place, said, as);
    if (judged !== undefined) return { asked, findings: [{ ...judged, ...codeOf(said.refusal) }] };
    return { asked, as, findings: [] };
  } catch (cause) {
    const denied = (cause as { failure?: unknown }).failure === 'denied';
    return { asked, findings: [(denied ? wrongBy : unknownBy)(code, place, cause)] };
  }
}

/** Whose credential is used, as far as that is no secret. @throws EngineError when one should be there and cannot be read */
async function credentialName({ repository, access }: Asked, { credentials }: Ground): Promise<string> {
  const credential = await credentials.get(repository, access);
  if (credential === undefined) return 'anonymously';
  if (credential.kind === 'basic' && parseEcrHost(repository.registry) === undefined)
    return `as ${credential.username}`;
  return 'with a token';
}

/** What is wrong about a source; undefined when it may be read. */
export function judgePull(place: string, { status, refusal }: Said, as: string): Finding | undefined {
  if (refusal === undefined) return undefined;
  const [saw, remedy] = spoken(refusal.message, place);
  if (status === 401 || status === 403) return wrong('DOCTOR-PULL', place, `may not be pulled ${as}: ${saw}`, remedy);
  if (status === 404)
    return wrong('DOCTOR-PULL', place, `is not there, or is hidden from who asks ${as}: ${saw}`, remedy);
  return unknown('DOCTOR-PULL', place, saw);
}

/** What is wrong about a destination; undefined when it would take a push. */
export function judgePush(place: string, { status, code, refusal }: Said, as: string): Finding | undefined {
  if (refusal === undefined) return undefined;
  const [saw, remedy] = spoken(refusal.message, place);
  if (status === 401 || status === 403)
    return wrong('DOCTOR-PUSH', place, `may not be pushed to ${as}: ${saw}`, remedy);
  if (status === 405)
    return wrong('DOCTOR-PUSH', place, `takes no pushes: ${saw}`, 'a registry that is no cache of another');
  if (status === 404 && code === 'NAME_UNKNOWN') {
    // Of Amazon ECR it is told with the settings of repositories.
    if (parseEcrHost(place.slice(0, place.indexOf('/'))) !== undefined) return undefined;
    return warning('DOCTOR-PUSH', place, `is not known there: ${saw}`, 'create it, unless a push does');
  }
  // Nobody has such an upload: whoever is told so may push.
  return status === 404 || status === 400 || status === 416 ? undefined : unknown('DOCTOR-PUSH', place, saw);
}

/** The message of a refusal without what its place says, and what would do. */
function spoken(message: string, place: string): readonly [saw: string, remedy?: string] {
  const at = message.indexOf(place);
  const colon = at < 0 ? -1 : message.indexOf(': ', at);
  const bare = colon < 0 ? message : message.slice(colon + 2);
  const semicolon = bare.indexOf('; ');
  return semicolon < 0 ? [bare] : [bare.slice(0, semicolon), bare.slice(semicolon + 2)];
}

/** What went well, in a line for each registry, side and credential. */
function together(answered: readonly Answered[]): readonly Finding[] {
  const groups = new Map<string, { readonly first: Asked; readonly as: string; count: number }>();
  for (const { asked, as } of answered) {
    if (as === undefined) continue;
    const key = `${asked.access} ${asked.repository.registry} ${as}`;
    const group = groups.get(key) ?? { first: asked, as, count: 0 };
    groups.set(key, group);
    group.count += 1;
  }
  return [...groups.values()].map(({ first: { repository, access }, as, count }) => {
    const what = count === 1 ? repository.name : `${count} repositories`;
    return access === 'pull'
      ? ok('DOCTOR-PULL', repository.registry, `${what} can be pulled ${as}`)
      : ok('DOCTOR-PUSH', repository.registry, `${what} would take a push ${as}`);
  });
}
