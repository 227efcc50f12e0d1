import { type Service, unknownOperation } from './endpoint';

/** What Service Quotas says of Amazon ECR. `value` is that of the account, raised or not. */
export interface EcrQuotaValue {
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

/** As every account has them. */
export const ECR_QUOTA_VALUES: readonly EcrQuotaValue[] = [
  { code: 'L-CFEB8E8D', name: 'Registered repositories', value: 100_000 },
  { code: 'L-03A36CE1', name: 'Images per repository', value: 100_000 },
];

/** ListServiceQuotas for Amazon ECR, a quota a page. Does NOT do: any other operation or service; requests to raise a quota. */
export function serviceQuotasService(values: readonly EcrQuotaValue[] = ECR_QUOTA_VALUES): Service {
  return (call) => {
    if (call.operation !== 'ListServiceQuotas' || call.input.ServiceCode !== 'ecr') throw unknownOperation(call);
    const at = Number(call.input.NextToken ?? 0);
    const Quotas = values.slice(at, at + 1).map(({ code, name, value }) => {
      return { ServiceCode: 'ecr', QuotaCode: code, QuotaName: name, Value: value, Adjustable: true };
    });
    return { output: { Quotas, ...(at + 1 < values.length ? { NextToken: String(at + 1) } : {}) } };
  };
}
