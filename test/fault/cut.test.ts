import fc from 'fast-check';
import { type Fault, writeHead } from './fault';
import { run } from './matrix';
import { at, type Place } from './target';
import { ONCE } from './when';

/** Cuts the first answer of its place so many thousandths of the way. */
function cutAt(thousandths: number, ranges: boolean): Fault {
  return {
    name: `cuts an answer at ${thousandths} ‰`,
    places: at('source', 'blob'),
    async strike(exchange) {
      const { status, headers, body } = await exchange.forward(ranges ? {} : { headers: { range: undefined } });
      writeHead(exchange, status, { ...headers, 'content-length': String(body.length) });
      exchange.write(body.subarray(0, Math.floor((body.length * thousandths) / 1000)));
      exchange.end();
    },
    always: /no answer from/,
  };
}

describe('an answer that is cut anywhere', () => {
  it.each(at('source', 'blob', 'manifest', 'tags', 'token', 'referrers'))(
    'is asked for again (%o)',
    async (place: Place) => {
      const cuts = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.boolean());
      await fc.assert(
        fc.asyncProperty(cuts, async ([thousandths, ranges]) => {
          const fault = cutAt(thousandths, ranges);
          const { ending, wrongs } = await run({ fault, place, when: ONCE });
          expect({ ending, wrongs }).toEqual({ ending: 'exact', wrongs: [] });
        }),
        { numRuns: Math.min(8, fc.readConfigureGlobal().numRuns ?? 8) },
      );
    },
    60_000,
  );
});
