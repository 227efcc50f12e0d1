import type { RequestRecord } from '../../local/registry/requests';
import type { Access, Place } from './actions';

/** What stands in ECR's API for a request of the registry protocol. */
const REGISTRY: Readonly<Record<string, readonly string[]>> = {
  'HEAD manifest': ['BatchGetImage'],
  'GET manifest': ['BatchGetImage'],
  // ListImageReferrers is checked as BatchGetImage.
  'GET referrers': ['BatchGetImage'],
  'PUT manifest': ['PutImage'],
  'HEAD blob': ['BatchCheckLayerAvailability'],
  'GET blob': ['GetDownloadUrlForLayer'],
  'GET tags': ['ListImages'],
  'POST upload': ['InitiateLayerUpload'],
  'PATCH upload': ['UploadLayerPart'],
  'PUT upload': ['UploadLayerPart', 'CompleteLayerUpload'],
};

/**
 * What a request to the registry of Amazon ECR has to be allowed. A mount reads the other repository, too.
 *
 * @throws Error for a request that ECR has no action for.
 */
export function registryAccess(request: RequestRecord, { account, region }: Place): readonly Access[] {
  if (request.repository === undefined || request.origin === 'bucket') return [];
  const operations = REGISTRY[`${request.method} ${request.kind}`];
  if (operations === undefined) throw new Error(`${request.method} ${request.path}: Amazon ECR has no action for it`);
  const repository = (name: string) => `arn:aws:ecr:${region}:${account}:repository/${name}`;
  const resource = repository(request.repository);
  const asked = operations.map((operation) => ({ action: `ecr:${operation}`, resource }));
  if (request.from === undefined) return asked;
  return [...asked, { action: 'ecr:GetDownloadUrlForLayer', resource: repository(request.from) }];
}

/** The first push into each repository that came to be by it: whoever pushes has it created. */
export function createdByPush(
  requests: readonly RequestRecord[],
  created: ReadonlySet<string>,
  { account, region }: Place,
): readonly (Access & { readonly caller: string })[] {
  return [...created].flatMap((repository) => {
    const first = requests.find((one) => one.repository === repository && one.method === 'POST');
    const resource = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
    return first === undefined ? [] : [{ action: 'ecr:CreateRepository', resource, caller: first.caller ?? '' }];
  });
}

/** Amazon ECR Public: anybody may read. Names begin with the alias of a registry, which ARNs do not have. */
export function publicAccess(request: RequestRecord, { account }: Place): readonly Access[] {
  if (request.repository === undefined || request.origin === 'bucket') return [];
  const operations = REGISTRY[`${request.method} ${request.kind}`] ?? [];
  const [, ...name] = request.repository.split('/');
  const resource = `arn:aws:ecr-public::${account}:repository/${name.join('/')}`;
  return operations
    .filter((operation) => PUSHING.has(operation))
    .map((operation) => ({ action: `ecr-public:${operation}`, resource }));
}

/** Amazon ECR Public User Guide, "Required IAM permissions for pushing an image". */
const PUSHING: ReadonlySet<string> = new Set([
  'BatchCheckLayerAvailability',
  'CompleteLayerUpload',
  'InitiateLayerUpload',
  'PutImage',
  'UploadLayerPart',
]);
