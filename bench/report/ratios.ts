import { figuresOf, MEASURES, type Measure, type Result } from './report';
import { ratioToBest } from './statistics';

export type Ratios = Readonly<Record<Measure, number | undefined>>;

/** Ours to the best of the others, measure by measure: the best of one column may be another program than that of the next. */
export function ratiosOf({ outcomes }: Result, ours: string): Ratios {
  const own = figuresOf(outcomes.find(({ tool }) => tool === ours));
  const others = outcomes.filter(({ tool }) => tool !== ours).map(figuresOf);
  const pairs = MEASURES.map((measure) => [
    measure,
    ratioToBest(
      own?.[measure],
      others.map((figures) => figures?.[measure]),
    ),
  ]);
  return Object.fromEntries(pairs);
}
