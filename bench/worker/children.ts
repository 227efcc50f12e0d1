import { join } from 'node:path';
import type { Copy } from '../../lib/model/copy';
import type { Digest } from '../../lib/model/digest';
import { CopyAttribute, planKey, WORKER_COMMAND, workKey } from '../../lib/model/names';
import { formatWork } from '../../lib/model/work';
import { image } from '../../local/images';
import { type Exit, startContainer } from '../../local/process/container';
import { type Ground, MIRRORED, OWN, REPOSITORY, SOURCE, TABLE } from './ground';

const PLAN = 'bench';
/** No child outlives the benchmark. */
const kills = new Set<() => void>();
process.once('exit', () => {
  for (const kill of kills) kill();
});

/** Puts small images upstream, and their copies into a work list: a group for each child. */
export async function writePlan(ground: Ground, groups: readonly number[]): Promise<void> {
  let count = 0;
  for (const [group, images] of groups.entries()) {
    const copies = Array.from({ length: images }, () => makeCopy(ground, `v${++count}`));
    for (const [chunk, text] of formatWork(copies).entries()) {
      await ground.database.call('PutItem', {
        TableName: TABLE,
        Item: {
          [CopyAttribute.SOURCE]: { S: planKey(PLAN) },
          [CopyAttribute.DESTINATION]: { S: workKey(group, chunk) },
          [CopyAttribute.WORK]: { S: text },
        },
      });
    }
  }
}

/** One layer of a few hundred bytes: all that takes time is the quota. */
function makeCopy({ upstream }: Ground, tag: string): Copy {
  const built = image({ seed: tag, layers: [tag], layerSize: 256 });
  upstream.state.place(REPOSITORY, built, tag);
  const { mediaType, size, digest } = built.root.descriptor;
  const root = { mediaType, size, digest: digest as Digest };
  return {
    source: { repository: { registry: SOURCE, name: REPOSITORY }, tag, digest: root.digest },
    root,
    destinations: [{ reference: { repository: { registry: OWN, name: MIRRORED }, tag }, why: 'missing' }],
    referrers: false,
    mirrors: [tag],
  };
}

/** The children of an array job, all at once: the worker's own bundle, as AWS Batch starts it. */
export function startChildren(ground: Ground, count: number): readonly Promise<Exit>[] {
  const values: Readonly<Record<string, string>> = { 'Ref::plan': PLAN, 'Ref::source': '-', 'Ref::dest': '-' };
  return Array.from({ length: count }, (_, index) => {
    const { exited, kill } = startContainer({
      command: WORKER_COMMAND.map((word) => values[word] ?? word),
      folder: join(__dirname, '..', '..', 'assets', 'worker'),
      environment: {
        ...ground.environment,
        AWS_BATCH_JOB_ID: `${PLAN}:${index}`,
        AWS_BATCH_JOB_ARRAY_INDEX: String(index),
      },
      stopTimeout: 1_000,
      onLine: (line) => {
        if (/"event":"(?:error|budget-failed)"/.test(line)) process.stderr.write(`child ${index}: ${line}\n`);
      },
    });
    kills.add(kill);
    void exited.then(() => kills.delete(kill));
    return exited;
  });
}
