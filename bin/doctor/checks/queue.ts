import type { JobPlace } from '../../../aws/job-queue';
import { count } from '../../../terminal/format';
import { type Finding, ok, warning, wrong } from '../finding';
import type { Check } from '../run-checks';
import { stackShape } from '../stack-shape';

/** Whether AWS Batch runs jobs of the stack. */
export const checkQueue: Check = {
  code: 'DOCTOR-QUEUE',
  about: 'job queue',
  async look(ground) {
    const { stack } = ground;
    if (stack === undefined) return [];
    const { describeQueue } = await import('../../../aws/job-queue');
    return judgeQueue(await describeQueue(stack.clients.batch(), (await stackShape(ground)).jobQueue));
  },
};

/** Jobs run as long as one compute environment takes them; it is worse when none does. */
export function judgeQueue(places: readonly JobPlace[]): readonly Finding[] {
  const isWell = ({ enabled, status }: JobPlace) => enabled && (status === 'VALID' || status === 'UPDATING');
  const environments = places.filter(({ kind }) => kind === 'compute environment');
  const runs = environments.some(isWell) && places.every((one) => one.kind !== 'job queue' || isWell(one));
  const ill = places.filter((one) => !isWell(one));
  if (places.length === 0) return [wrong('DOCTOR-QUEUE', 'job queue', 'is not there', 'deploy the stack again')];
  if (ill.length === 0)
    return [
      ok('DOCTOR-QUEUE', places[0]?.name ?? '', `runs jobs, on ${count(environments.length, 'compute environment')}`),
    ];
  const judge = runs ? warning : wrong;
  return ill.map(({ name, kind, enabled, status, reason }) => {
    const how = [enabled ? undefined : 'DISABLED', status === 'VALID' ? undefined : status, reason];
    return judge('DOCTOR-QUEUE', name, `${kind}: ${how.filter((part) => part !== undefined).join(', ')}`);
  });
}
