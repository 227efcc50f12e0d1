import type { Access } from './actions';
import { allGrants, hasNoResource, isAllowed, type Role, rolesOf } from './policies';
import type { Told } from './record';

/** What is granted and never asked for, each for a reason. CDK's own grants come as they are. */
export interface Excuse {
  /** `Role: action resource`. */
  readonly grant: RegExp;
  readonly because: string;
}

/** What somebody who has taken over a role would try: next to what it may do, and not allowed. */
export interface NearMiss<Party extends string> extends Access {
  readonly by: Party;
}

export interface Claim<Party extends string> {
  readonly tell: () => Promise<Told>;
  readonly excuses: readonly Excuse[];
  /** What the logical ids of their roles begin with. */
  readonly parties: Readonly<Record<Party, string>>;
  readonly nearMisses: (told: Told) => readonly NearMiss<Party>[];
  /** Of near misses: so many are known. */
  readonly atLeast: number;
}

/** Tests that a story is allowed, that it needs all that is granted, and that what lies next to it is denied. */
export function prove<Party extends string>({ tell, excuses, parties, nearMisses, atLeast }: Claim<Party>): void {
  let told: Told;
  let roles: readonly Role[];

  const doneBy = ({ arn }: Role): readonly Access[] => told.done.get(arn) ?? [];

  beforeAll(async () => {
    told = await tell();
    roles = rolesOf(told.template);
  }, 240_000);

  const ofEachRole = <T>(list: (role: Role) => readonly T[]) =>
    roles.flatMap((role) => list(role).map((item) => ({ role, item })));

  it('is a story in which nothing fails that is not meant to', () => {
    expect(told.failures).toEqual([]);
    expect(told.unknown).toEqual([]);
  });

  it('has every role of the template at work', () => {
    expect(roles.length).toBeGreaterThanOrEqual(6);
    expect(roles.filter((role) => doneBy(role).length === 0).map(({ id }) => id)).toEqual([]);
  });

  it('asks for nothing that is not granted', async () => {
    const denied = await unmet(
      ofEachRole(doneBy),
      ({ role, item }) => isAllowed(role.arn, allGrants(role), item),
      ({ role, item }) => ofRole(role, item),
    );
    expect(denied).toEqual([]);
  });

  it('would miss each action that it is granted', async () => {
    const excused = (grant: string) => excuses.some((one) => one.grant.test(grant));
    const granted = ofEachRole((role) => [
      ...new Set(role.granted.filter((grant) => !excused(ofRole(role, grant))).map(({ action }) => action)),
    ]);
    const idle = await unmet(
      granted,
      async ({ role, item }) => {
        const rest = role.granted.filter(({ action }) => action !== item);
        const asked = doneBy(role).filter(({ action }) => action === item);
        const still = await Promise.all(asked.map((access) => isAllowed(role.arn, rest, access)));
        return still.includes(false);
      },
      ({ role, item }) => `${role.id}: ${item}`,
    );
    expect(idle).toEqual([]);
  });

  it('does something on each resource that it is granted', async () => {
    const idle = await unusedGrants();
    expect(idle.filter((grant) => !excuses.some((one) => one.grant.test(grant)))).toEqual([]);
  });

  it('excuses nothing that is needed after all', async () => {
    const idle = await unusedGrants();
    const stale = excuses.filter((one) => !idle.some((grant) => one.grant.test(grant)));
    expect(stale.map(({ because }) => because)).toEqual([]);
  });

  async function unusedGrants(): Promise<readonly string[]> {
    return unmet(
      ofEachRole(({ granted }) => granted),
      async ({ role, item }) => {
        const asked = doneBy(role).filter(({ action }) => action === item.action);
        const allowed = await Promise.all(asked.map((access) => isAllowed(role.arn, [item], access)));
        return allowed.includes(true);
      },
      ({ role, item }) => ofRole(role, item),
    );
  }

  it('is granted everything only where an action has no resource', async () => {
    const open = ofEachRole(({ granted }) => granted.filter(({ resource }) => resource === '*'));
    const wide = await unmet(
      open,
      ({ item }) => hasNoResource(item.action),
      ({ role, item }) => `${role.id}: ${item.action}`,
    );
    expect(wide).toEqual([]);
    expect(ofEachRole(({ granted }) => granted.filter(({ action }) => action.includes('*')))).toEqual([]);
  });

  it("leaves AWS's own policies to the functions of CDK's custom resources", () => {
    const managed = roles.filter((role) => role.managed.length > 0).map(({ id }) => id.replace(/[0-9A-Fa-f]{8,}/g, ''));
    expect(managed.filter((id) => /^Mirror(?!.*framework)/.test(id))).toEqual([]);
  });

  describe('near misses', () => {
    const roleOf = (party: Party): Role => {
      const found = roles.find(({ id }) => id.startsWith(parties[party]));
      if (found === undefined) throw new Error(`the template has no role of the ${party}`);
      return found;
    };

    it('are denied', async () => {
      const misses = nearMisses(told);
      expect(misses.length).toBeGreaterThanOrEqual(atLeast);
      const allowed = await unmet(
        misses,
        async (miss) => !(await isAllowed(roleOf(miss.by).arn, allGrants(roleOf(miss.by)), miss)),
        (miss) => `${miss.by}: ${line(miss)}`,
      );
      expect(allowed).toEqual([]);
    });
  });
}

const line = ({ action, resource }: Access) => `${action} ${resource}`;
const ofRole = ({ id }: Role, access: Access) => `${id}: ${line(access)}`;

/** What of some things does not hold, as lines to be read. */
async function unmet<T>(things: readonly T[], holds: (thing: T) => Promise<boolean>, say: (thing: T) => string) {
  const answers = await Promise.all(things.map(async (thing) => ((await holds(thing)) ? [] : [say(thing)])));
  return answers.flat();
}
