import type { Ledger, LedgerAnswer } from '../engine/ledger';
import type { Budget, Tuning } from '../lib/model/budget';
import { CopyAttribute, ROW_ITEM, rateKey } from '../lib/model/names';
import { type Change, change, type Item, type Table } from './items';

/**
 * Budgets in the table of copies, one item for each account, region and operation, which all workers take from.
 *
 * What 1,000 images of one manifest and a few small blobs add: some 90 requests by a single worker that is held back by the
 * quota (a lease is for what it sent in the last second and what waits); where sixteen share it, about one for each manifest,
 * as each then has a tenth of a second to itself. Recording a copy takes four. `npm run bench:worker` counts them.
 */

/** Seconds without use after which what was learned about a quota is forgotten. */
const LIFE = 24 * 3600;

export function tableLedger(table: Table): Ledger {
  const write = async (quota: string, now: number, { update, condition, values }: Required<Change>) => {
    const key = { [CopyAttribute.SOURCE]: rateKey(quota), [CopyAttribute.DESTINATION]: ROW_ITEM };
    const outcome = await change(table, key, {
      update: `${update}, #Expires = :expires`,
      condition,
      values: { ...values, ':expires': Math.floor(now / 1000) + LIFE },
    });
    return outcome.written ? answer(true, outcome.item) : answer(false, outcome.found);
  };
  return {
    extend: (quota, { since, earliest, latest, by, at }) =>
      write(quota, at, {
        update: 'SET #Next = #Next + :by, #Before = #At, #At = :at',
        condition: '#Since = :since AND #Next BETWEEN :earliest AND :latest',
        values: { ':since': since, ':earliest': earliest, ':latest': latest, ':by': by, ':at': at },
      }),
    restart: (quota, seen, { next, at, ...rest }) =>
      write(quota, at, {
        update: `SET #Next = :next, #Before = if_not_exists(#At, :at), #At = :at, ${TUNED}`,
        condition: seen === undefined ? 'attribute_not_exists(#Next)' : '#Next = :seenNext AND #Since = :seenSince',
        values: {
          ':next': next,
          ':at': at,
          ...tuned(rest),
          ...(seen === undefined ? {} : { ':seenNext': seen.next, ':seenSince': seen.since }),
        },
      }),
    tune: (quota, seen, { pause, ...rest }) =>
      write(quota, rest.since, {
        update: `SET #Next = #Next + :pause, ${TUNED}`,
        condition: '#Since = :seenSince',
        values: { ':pause': pause, ...tuned(rest), ':seenSince': seen.since },
      }),
  };
}

/** What belongs to the rate, in an update. */
const TUNED =
  '#Rate = :rate, #Base = :base, #Prior = :prior, #Since = :since, #Heed = :heed, #Steps = :steps, #Refused = :refused';

function tuned({ rate, base, prior, since, heed, steps, refused }: Omit<Tuning, 'pause'>): Item {
  return {
    ':rate': rate,
    ':base': base,
    ':prior': prior,
    ':since': since,
    ':heed': heed,
    ':steps': steps,
    ':refused': refused,
  };
}

/** An item that TTL has taken, or that never was, is no budget yet. */
function answer(done: boolean, item: Item | undefined): LedgerAnswer {
  if (item?.Next === undefined) return { done };
  const budget: Budget = {
    next: Number(item.Next),
    at: Number(item.At),
    rate: Number(item.Rate),
    base: Number(item.Base),
    prior: Number(item.Prior),
    since: Number(item.Since),
    heed: Number(item.Heed),
    steps: Number(item.Steps),
    refused: Number(item.Refused),
  };
  return { done, budget, before: Number(item.Before) };
}
