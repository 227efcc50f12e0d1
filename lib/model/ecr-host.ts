/** A host of Amazon ECR, taken apart. */
export interface EcrHost {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, … */
  readonly partition: string;
  readonly fips: boolean;
  readonly dualStack: boolean;
  /** What follows the region in the host. */
  readonly dnsSuffix: string;
}

interface Suffix {
  readonly dnsSuffix: string;
  readonly dualStack: boolean;
  readonly partition: (region: string) => string | undefined;
}

const only = (partition: string, region: RegExp) => (text: string) => (region.test(text) ? partition : undefined);

/** The commercial and the US government partition share their suffixes; the regions of all others begin otherwise. */
function commercial(region: string): string | undefined {
  if (/^us-gov-/.test(region)) return 'aws-us-gov';
  return /^(?:cn-|us-iso|eu-iso|eusc-)/.test(region) ? undefined : 'aws';
}

const SUFFIXES: readonly Suffix[] = [
  { dnsSuffix: 'amazonaws.com', dualStack: false, partition: commercial },
  { dnsSuffix: 'on.aws', dualStack: true, partition: commercial },
  { dnsSuffix: 'amazonaws.com.cn', dualStack: false, partition: only('aws-cn', /^cn-/) },
  { dnsSuffix: 'on.amazonwebservices.com.cn', dualStack: true, partition: only('aws-cn', /^cn-/) },
  { dnsSuffix: 'c2s.ic.gov', dualStack: false, partition: only('aws-iso', /^us-iso-/) },
  { dnsSuffix: 'sc2s.sgov.gov', dualStack: false, partition: only('aws-iso-b', /^us-isob-/) },
  { dnsSuffix: 'cloud.adc-e.uk', dualStack: false, partition: only('aws-iso-e', /^eu-isoe-/) },
  { dnsSuffix: 'csp.hci.ic.gov', dualStack: false, partition: only('aws-iso-f', /^us-isof-/) },
  { dnsSuffix: 'amazonaws.eu', dualStack: false, partition: only('aws-eusc', /^eusc-/) },
];

/** Account, then `dkr.ecr` (dual-stack: `dkr-ecr`), perhaps FIPS, then the region, then one of the suffixes and no more. */
const HOST = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z]{2,6}(?:-[a-z]{2,12}){1,3}-\d{1,2})\.([a-z0-9.-]+)$/;

/**
 * Takes a registry's host apart if it is a private registry of Amazon ECR, in any partition. Anchored at both ends:
 * `123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.org` is none, and gets no ECR token.
 */
export function parseEcrHost(registry: string): EcrHost | undefined {
  const match = HOST.exec(registry);
  if (match === null) return undefined;
  const [, account = '', separator, fips, region = '', end] = match;
  const suffix = SUFFIXES.find((one) => one.dnsSuffix === end && one.dualStack === (separator === '-'));
  const partition = suffix?.partition(region);
  if (suffix === undefined || partition === undefined) return undefined;
  return {
    account,
    region,
    partition,
    fips: fips !== undefined,
    dualStack: suffix.dualStack,
    dnsSuffix: suffix.dnsSuffix,
  };
}

/** The plain host of an account's registry: neither FIPS nor dual-stack. Undefined in a region of no partition that is known. */
export function ecrHost(account: string, region: string): string | undefined {
  const hosts = SUFFIXES.filter(({ dualStack }) => !dualStack).map(
    (one) => `${account}.dkr.ecr.${region}.${one.dnsSuffix}`,
  );
  return hosts.find((host) => parseEcrHost(host) !== undefined);
}

/** Amazon ECR Public. */
export function isEcrPublic(registry: string): boolean {
  return registry === 'public.ecr.aws';
}
