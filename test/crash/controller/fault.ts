import type { Exchange } from '../../fault/proxy';
import type { Step } from './step';

/** What befalls one request of a controller, or all requests of one step. */
export interface Fault {
  readonly name: string;
  /** `death`: the controller with it, at once. `once`: that request alone. `always`: each request of the step, until it is lifted. */
  readonly kind: 'death' | 'once' | 'always';
  /** Whether it comes after the request took effect: of one that only asks it is the same as the fault before the next. @default - no */
  readonly afterwards?: boolean;
  /** @param die ends the controller: nothing of it arrives any more, and nothing arrives at it */
  strike(exchange: Exchange, step: Step, die: () => void): Promise<void>;
}

async function loseRequest(exchange: Exchange): Promise<void> {
  exchange.drop();
}

/** It took effect; who asked does not hear of it. */
async function loseAnswer(exchange: Exchange): Promise<void> {
  await exchange.forward();
  exchange.drop();
}

/** As each service says that it was asked too often: the name of its exception, and its status. */
const THROTTLES: Readonly<Record<string, readonly [string, number]>> = {
  dynamodb: ['ProvisionedThroughputExceededException', 400],
  batch: ['TooManyRequestsException', 429],
  lambda: ['TooManyRequestsException', 429],
};

async function throttle(exchange: Exchange, { service }: Step): Promise<void> {
  const [code, status] = service === undefined ? ['TOOMANYREQUESTS', 429] : (THROTTLES[service] ?? THROTTLED);
  refuseWith(exchange, code, status, 'Rate exceeded');
}
const THROTTLED = ['ThrottlingException', 400] as const;

async function refuse(exchange: Exchange, { service }: Step): Promise<void> {
  const [code, status] = service === undefined ? (['DENIED', 403] as const) : (REFUSALS[service] ?? REFUSED);
  refuseWith(exchange, code, status, 'it is not to be');
}
const REFUSALS: Readonly<Record<string, readonly [string, number]>> = { batch: ['ClientException', 400] };
const REFUSED = ['ValidationException', 400] as const;

function refuseWith(exchange: Exchange, code: string, status: number, message: string): void {
  const document = { __type: code, message, errors: [{ code, message }] };
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code };
  exchange.reply({ status, headers, body: Buffer.from(JSON.stringify(document)) });
}

export const FAULTS: readonly Fault[] = [
  { name: 'killed before', kind: 'death', strike: async (_exchange, _step, die) => die() },
  {
    name: 'killed after',
    kind: 'death',
    afterwards: true,
    strike: async (exchange, _step, die) => {
      await exchange.forward();
      die();
    },
  },
  { name: 'request lost', kind: 'once', strike: loseRequest },
  { name: 'answer lost', kind: 'once', afterwards: true, strike: loseAnswer },
  { name: 'throttled', kind: 'once', strike: throttle },
  { name: 'every request lost', kind: 'always', strike: loseRequest },
  { name: 'every answer lost', kind: 'always', afterwards: true, strike: loseAnswer },
  { name: 'always throttled', kind: 'always', strike: throttle },
  { name: 'refused', kind: 'always', strike: refuse },
];
