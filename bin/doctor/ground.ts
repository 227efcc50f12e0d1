import type { Caller } from '../../aws/caller';
import type { AwsClients, ClientOptions } from '../../aws/clients';
import { type Clock, type Credentials, systemClock } from '../../engine/ports';
import type { Inquiry, Said } from '../../engine/registry/inquiry';
import { isEcrPublic, parseEcrHost } from '../../lib/model/ecr-host';
import { parseEndpoints } from '../../lib/model/endpoints';
import type { ParsedRow } from '../../lib/model/mirror';
import { Env } from '../../lib/model/names';
import type { Permissions } from '../../lib/model/permissions';
import type { FlagValues } from '../arguments';
import { awsOptions } from '../aws-options';
import { localCredentials } from '../credentials';
import { fileFlag } from '../file-run';
import type { Io } from '../io';
import { type Mirrors, readMirrors } from '../mirrors';
import { proxyAgents, proxyFor } from '../proxy';
import type { Stack } from '../stack';
import type { PatientSettings } from './patience';
import { type Places, placesOf } from './places';

/** What is looked at, and how. */
export interface Ground {
  /** The file or the stack, as it was named. */
  readonly subject: string;
  readonly rows: readonly ParsedRow[];
  readonly permissions: Permissions;
  readonly places: Places;
  /** Present for a deployed stack: then others copy, in roles of theirs. */
  readonly stack?: Stack;
  readonly credentials: Credentials;
  readonly inquiry: Inquiry;
  /** One ping of each registry, however many ask. */
  readonly ping: (registry: string) => Promise<Said>;
  /** The proxy on the way to a registry, as people may see it. */
  readonly proxyOf: (registry: string) => string | undefined;
  /** Whether AWS has a part in it. */
  readonly usesAws: boolean;
  readonly options: ClientOptions;
  readonly aws: () => Promise<AwsClients>;
  /** As whom AWS is asked, asked once. */
  readonly caller: () => Promise<Caller>;
  readonly clock: Clock;
  close(): void;
}

/** Of a file of mirrors. @throws UsageError */
export async function openFileGround(flags: FlagValues, settings: PatientSettings, io: Io): Promise<Ground> {
  const mirrors: Mirrors = await readMirrors(fileFlag('doctor', flags), io.cwd);
  const { file, rows, permissions, registries } = mirrors;
  return openGround({ subject: file, rows, permissions, named: registries }, settings, io);
}

/** Of a deployed stack. */
export function openStackGround(
  stack: Stack,
  rows: readonly ParsedRow[],
  settings: PatientSettings,
  io: Io,
): Promise<Ground> {
  const { name, settings: deployed } = stack;
  return openGround({ subject: name, rows, permissions: deployed.permissions, named: [], stack }, settings, io);
}

interface Subject extends Pick<Ground, 'subject' | 'rows' | 'permissions' | 'stack'> {
  /** What a bare `--plain-http` means. */
  readonly named: readonly string[];
}

async function openGround(about: Subject, settings: PatientSettings, io: Io): Promise<Ground> {
  const { named, stack, ...subject } = about;
  const clock = io.clock ?? systemClock;
  const places = placesOf(about.rows.flatMap(({ mirror }) => mirror ?? []));
  const { ca, plainHttp, privateHosts, retry, idleTimeout } = settings;
  const agent = await proxyAgents(io.env, ca);
  const options = { ...(stack?.options ?? { ...awsOptions(settings, agent), ...homeOf(places) }), idleTimeout };
  const aws = memo(async () => stack?.clients ?? (await import('../../aws/clients')).awsClients(options));
  const credentials = await credentialsOf(stack, aws, io, clock);
  const { openInquiry } = await import('../../engine/registry/inquiry');
  const inquiry = openInquiry({
    credentials,
    plainHttp: plainHttp === 'all' ? named : plainHttp,
    privateHosts,
    endpoints: parseEndpoints(io.env[Env.REGISTRY_ENDPOINTS]),
    ...(ca === undefined ? {} : { ca }),
    ...(agent === undefined ? {} : { agent }),
    retry,
    idleTimeout,
    clock,
  });
  const pings = new Map<string, Promise<Said>>();
  return {
    ...subject,
    ...(stack === undefined ? {} : { stack }),
    places,
    credentials,
    inquiry,
    ping: (registry) => {
      const ping = pings.get(registry) ?? inquiry.ping(registry, io.signal);
      pings.set(registry, ping);
      return ping;
    },
    proxyOf: (registry) => (agent === undefined ? undefined : proxyFor(new URL(`https://${registry}`), io.env)?.host),
    usesAws: stack !== undefined || asksAws(places),
    options,
    aws,
    caller: memo(async () => (await import('../../aws/caller')).whoAmI(options, () => clock.now())),
    clock,
    close: () => inquiry.close(),
  };
}

/** Amazon ECR Public lets anyone pull: without credentials of AWS nothing is wrong with that. */
function asksAws({ registries, destinations }: Places): boolean {
  return (
    registries.some((registry) => parseEcrHost(registry) !== undefined) ||
    destinations.some(({ repository }) => isEcrPublic(repository.registry))
  );
}

/** Who and what may be is asked where images go: of that partition, whatever else is set. Amazon ECR Public is in one region alone. */
function homeOf({ registries }: Places): { readonly region?: string } {
  const hosts = registries.flatMap((registry) => parseEcrHost(registry)?.region ?? []);
  const region = hosts[0] ?? (registries.some(isEcrPublic) ? 'us-east-1' : undefined);
  return region === undefined ? {} : { region };
}

/** Those that copying uses: a stack's settings name secrets; on this machine it is Docker's configuration, and AWS. */
async function credentialsOf(
  stack: Stack | undefined,
  aws: () => Promise<AwsClients>,
  io: Io,
  clock: Clock,
): Promise<Credentials> {
  const named = async (
    settings: Parameters<typeof import('../../aws/registry-credentials').registryCredentials>[0],
  ) => {
    const { registryCredentials } = await import('../../aws/registry-credentials');
    return registryCredentials(settings, await aws(), clock);
  };
  if (stack !== undefined) return named({ ...stack.settings, roles: [] });
  return localCredentials({ env: io.env, ecr: memo(() => named({ credentials: [] })) });
}

function memo<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
