import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EcrMirror } from '../../lib';
import { ERROR_CODES } from '../../lib/model/errors';
import { errorsPage } from '../../scripts/errors-page';
import { read, section } from './documents';

describe('the page of errors', () => {
  const page = read('docs/errors.md');

  it('is what the catalogue makes: npm run docs:errors', () => expect(page).toBe(errorsPage()));

  it('has a heading for each code', () => {
    const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, code]) => code);
    expect(headings).toEqual(ERROR_CODES);
  });
});

describe('the guide to operating', () => {
  const page = read('docs/operating.md');
  const alarms = section(page, '## Alarms');
  const headings = [...alarms.matchAll(/^### (\w+)$/gm)].map(([, id]) => id ?? '');

  it('has a section for each alarm that there can be, to which the alarm leads, and no other', () => {
    const { described, ids } = alarmsOf();
    expect(ids.sort()).toEqual([...headings].sort());
    const page = 'https://github.com/ecr-mirror/cdk-ecr-mirror/blob/main/docs/operating.md';
    expect(described.map((text) => /What to do: (\S+)$/.exec(text)?.[1]).sort()).toEqual(
      headings.map((id) => `${page}#${id.toLowerCase()}`).sort(),
    );
  });

  it.each(headings)('says of %s what it means, where to look and what to do', (id) => {
    const text = section(alarms, `### ${id}`);
    for (const part of ['Meaning', 'Look here', 'Do this']) expect(text).toContain(`\n**${part}.** `);
  });

  it('has a section for each word that status has for a copy that is not well, or waits', () => {
    const words = ['Failed', 'Conflict', 'Invalid', 'Stale', 'Queued', 'Copying', 'Quarantined', 'Idle'];
    const found = [...section(page, '## What `status` says').matchAll(/^### (.+)$/gm)].map(([, title]) => title ?? '');
    for (const word of words) expect(found.filter((title) => title.split(' ')[0] === word)).toHaveLength(1);
  });

  it('names no code that there is not', () => {
    const named = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code);
    expect(named.length).toBeGreaterThan(10);
    for (const code of named) expect(ERROR_CODES).toContain(code);
  });
});

function alarmsOf(): { readonly ids: string[]; readonly described: string[] } {
  const stack = new Stack(new App(), 'Images');
  const mirror = new EcrMirror(stack, 'Mirror', { metrics: true });
  const alarms = mirror.addAlarms(new Topic(stack, 'Topic'), { silentAfter: Duration.hours(3) });
  const resources = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  return {
    ids: alarms.map((alarm) => alarm.node.id),
    described: resources.map(({ Properties }) => String(Properties.AlarmDescription)),
  };
}
