import { planParameters } from '../../lib/model/job';
import { JobParameter, planKey, WORKER_COMMAND, workKey, workPrefix } from '../../lib/model/names';

describe('names', () => {
  it('give the chunks of a group in their order, and no other group’s', () => {
    const keys = [workKey(1, 0), workKey(1, 2), workKey(1, 10), workKey(2, 0), workKey(10, 0), workKey(9999, 0)];
    expect([...keys].sort()).toEqual(keys);
    expect(keys.filter((key) => key.startsWith(workPrefix(1)))).toEqual(keys.slice(0, 3));
    expect(planKey('a')).not.toBe(planKey('b'));
  });
  it('hand every parameter of a job to the worker', () => {
    const references = WORKER_COMMAND.filter((word) => word.startsWith('Ref::')).map((word) =>
      word.slice('Ref::'.length),
    );
    expect(references.sort()).toEqual(Object.values(JobParameter).sort());
    expect(Object.keys(planParameters('p')).sort()).toEqual(references);
  });
});
