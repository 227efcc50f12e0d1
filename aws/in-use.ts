import { ECSClient } from '@aws-sdk/client-ecs';
import { EKSClient } from '@aws-sdk/client-eks';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mapWithin } from '../engine/gate';
import type { Use } from '../lib/model/in-use';
import type { Unseen } from '../lib/model/prune';
import { type ClientOptions, configuration } from './clients';
import { ecsUses } from './ecs-uses';
import { eksClusters, eksUses } from './eks-uses';
import { awsFailure } from './errors';
import { lambdaUses } from './lambda-uses';

/** What runs, and what could not be looked into. */
export interface Seen {
  readonly uses: readonly Use[];
  readonly unseen: readonly Unseen[];
}

export interface WhereToLook {
  readonly regions: readonly string[];
  /** Accounts of the images in question: only the caller's own can be looked into. */
  readonly accounts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const CLUSTERS_AT_ONCE = 4;

/** Looks for images in Amazon ECS, AWS Lambda and Amazon EKS, in the account of whoever asks. Never rejects. */
export async function findUses(options: ClientOptions, { regions, accounts, now }: WhereToLook): Promise<Seen> {
  const own = await callerOf(options);
  const foreign = typeof own === 'string' ? accounts.filter((account) => account !== own) : [];
  const seen = await Promise.all(regions.map((region) => inRegion(region, options, now)));
  return {
    uses: seen.flatMap(({ uses }) => uses),
    unseen: [
      ...(typeof own === 'string' ? [] : [own]),
      ...foreign.map((account) => ({ account, what: `account ${account}: what runs there cannot be seen from here` })),
      ...seen.flatMap(({ unseen }) => unseen),
    ],
  };
}

async function callerOf(options: ClientOptions): Promise<string | Unseen> {
  const client = new STSClient(configuration(options, options.region));
  try {
    return (await client.send(new GetCallerIdentityCommand({}))).Account ?? '';
  } catch (cause) {
    return { what: awsFailure('whose credentials these are', cause).message };
  } finally {
    client.destroy();
  }
}

async function inRegion(region: string, options: ClientOptions, now: () => number): Promise<Seen> {
  const ecs = new ECSClient(configuration(options, region));
  const lambda = new LambdaClient(configuration(options, region));
  const eks = new EKSClient(configuration(options, region));
  const uses: Use[] = [];
  const unseen: Unseen[] = [];
  const look = async <T>(what: string, find: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await find();
    } catch (cause) {
      unseen.push({ what: awsFailure(what, cause).message });
      return undefined;
    }
  };
  const add = async (what: string, find: () => Promise<readonly Use[]>) => {
    uses.push(...((await look(what, find)) ?? []));
  };
  const world = {
    now,
    keys: () => eks.config.credentials(),
    ...(options.agent === undefined ? {} : { agent: options.agent }),
  };
  const inClusters = async () => {
    const clusters = (await look(`Amazon EKS in ${region}`, () => eksClusters(eks))) ?? [];
    await mapWithin(CLUSTERS_AT_ONCE, clusters, (name) =>
      add(`EKS cluster ${name} in ${region}`, () => eksUses(eks, name, region, world)),
    );
  };
  try {
    await Promise.all([
      add(`Amazon ECS in ${region}`, () => ecsUses(ecs, region)),
      add(`AWS Lambda in ${region}`, () => lambdaUses(lambda, region)),
      inClusters(),
    ]);
  } finally {
    for (const client of [ecs, lambda, eks]) client.destroy();
  }
  return { uses, unseen };
}
