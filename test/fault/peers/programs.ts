import { crane } from '../../../bench/peers/crane';
import { ecrMirror } from '../../../bench/peers/ecr-mirror';
import { oras } from '../../../bench/peers/oras';
import { regctl } from '../../../bench/peers/regctl';
import { skopeo } from '../../../bench/peers/skopeo';
import type { Command, Tool } from '../../../bench/tool';
import type { World } from '../world';

/** A program that copies one image, as `bench/peers` calls it, with what its documentation has against faults. */
export interface Program {
  readonly tool: Tool;
  /** Whether it brings signatures along; else the image without them is what is wanted. */
  readonly referrers: boolean;
  /** Flags beside those of the bench, as the page shows them. */
  readonly flags: string;
  adapt(command: Command, world: World): Command;
}

const as = (
  tool: Tool,
  referrers: boolean,
  flags: string,
  args: (args: readonly string[], world: World) => readonly string[],
): Program => ({
  tool,
  referrers,
  flags,
  adapt: (command, world) => ({ ...command, args: args(command.args, world) }),
});

const WAITS = ['--timeout', '2s', '--max-retry-delay', '2s'];
const [OVERALL, TRIES] = [
  ['--command-timeout', '25s'],
  ['--retry-times', '3'],
];

/** crane, regctl and oras try again by themselves; no flag of theirs is about that, or about time. */
export const programs: readonly Program[] = [
  as(ecrMirror, true, WAITS.join(' '), (args, { hosts, options }) => [
    // Hosts beside the registries speak plain http as well, which only ours has to be told.
    ...args.filter((arg) => arg !== '--plain-http'),
    `--plain-http=${[hosts.source.host, hosts.destination.host, ...(options.plainHttp ?? [])].join(',')}`,
    ...WAITS,
  ]),
  as(crane, false, '', (args) => args),
  as(skopeo, false, [...OVERALL, ...TRIES].join(' '), (args) =>
    [...OVERALL, ...args].flatMap((arg) => (arg === 'copy' ? [arg, ...TRIES] : [arg])),
  ),
  as(regctl, true, '', (args) => args),
  as(oras, true, '', (args) => args),
];
