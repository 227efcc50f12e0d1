import { ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { EcrQuota } from '../lib/model/price';
import { type ClientOptions, configuration } from './clients';
import { awsFailure } from './errors';
import { allPages } from './pages';

/** By their codes in Service Quotas; the names there are for people and change. */
const CODES: Readonly<Record<string, EcrQuota>> = { 'L-CFEB8E8D': 'repositories', 'L-03A36CE1': 'images' };

/** What Amazon ECR's quotas are in this account and region, as far as Service Quotas knows them. @throws EngineError */
export async function ecrQuotas(
  options: ClientOptions,
  region: string,
): Promise<Readonly<Partial<Record<EcrQuota, number>>>> {
  const client = new ServiceQuotasClient(configuration(options, region));
  try {
    const quotas = await allPages(async (NextToken) => {
      const answer = await client.send(
        new ListServiceQuotasCommand({ ServiceCode: 'ecr', MaxResults: 100, NextToken }),
      );
      return { items: answer.Quotas ?? [], next: answer.NextToken };
    });
    return Object.fromEntries(
      quotas.flatMap(({ QuotaCode, Value }) => {
        const quota = CODES[QuotaCode ?? ''];
        return quota === undefined || Value === undefined ? [] : [[quota, Value]];
      }),
    );
  } catch (cause) {
    throw awsFailure(`quotas of Amazon ECR in ${region}`, cause, 'servicequotas:ListServiceQuotas for you would do');
  } finally {
    client.destroy();
  }
}
