import { makePlan } from '../../engine/make-plan';
import { openRegistries } from '../../engine/registry/registries';
import { runCopies } from '../../engine/run-copies';
import { parseRow } from '../../lib/model/mirror-row';
import { SOURCE, TAG, type World } from './world';

/** How somebody copies in a world: every line that they said, and those that say why it failed. None: they say it is done. */
export interface Ended {
  readonly errors: readonly string[];
  /** All that was said, errors as well. */
  readonly said: readonly string[];
}

export type Copier = (world: World) => Promise<Ended>;

/** This engine, as the command line and the worker use it: tags are listed, a plan is made and carried out. */
export const ours: Copier = async (world) => {
  const said: string[] = [];
  const observer = { retry: (event: object) => void said.push(JSON.stringify(event)) };
  const registries = openRegistries({ ...world.options, observer });
  const { source, destination } = world.names;
  const row = {
    Source: `${source}/${SOURCE}`,
    Tags: { Include: [TAG] },
    Destination: world.copies.map((repository) => `${destination}/${repository}`),
  };
  const permissions = { sources: ['**'], destinations: ['**'], outward: [] };
  const copying = { stores: registries.store, clock: world.clock, permissions, observer };
  try {
    const plan = await makePlan([parseRow(row, { mapping: {} })], copying);
    const errors = plan.skipped.map(({ reason, detail }) => detail ?? reason);
    for await (const { outcome } of runCopies(plan.copies, copying)) {
      if (outcome.state !== 'Mirrored') errors.push(outcome.error ?? outcome.state);
    }
    return { errors, said: [...said, ...errors] };
  } finally {
    registries.close();
  }
};
