import type { ParsedRow } from '../../../lib/model/mirror';
import { problemLine } from '../../../lib/model/mirror-row';
import { permits } from '../../../lib/model/permissions';
import { type Finding, ok, warning, wrong } from '../finding';
import type { Ground } from '../ground';
import type { Check } from '../run-checks';

/** Whether rows can be acted on at all. */
export const checkRows: Check = {
  code: 'DOCTOR-ROW',
  about: 'rows',
  async look(ground) {
    const found = ground.rows.flatMap((row) => [...problemsOf(row), ...refusalsOf(row, ground)]);
    const sound = ground.rows.length - new Set(found.map(({ place }) => place)).size;
    const rows = sound === 1 ? '1 row is' : `${sound} rows are`;
    return [...(sound === 0 && found.length > 0 ? [] : [ok('DOCTOR-ROW', ground.subject, `${rows} sound`)]), ...found];
  },
};

function problemsOf({ key, problems }: ParsedRow): readonly Finding[] {
  return problems.map((problem) => {
    const judge = problem.severity === 'error' ? wrong : warning;
    const line = problemLine(problem);
    const semicolon = line.indexOf('; ');
    if (semicolon < 0) return judge('DOCTOR-ROW', key, line);
    return judge('DOCTOR-ROW', key, line.slice(0, semicolon), line.slice(semicolon + 2));
  });
}

function refusalsOf({ key, mirror }: ParsedRow, { permissions }: Ground): readonly Finding[] {
  return (mirror?.destinations ?? []).flatMap(({ repository }) => {
    const refusal = mirror === undefined ? undefined : permits(permissions, mirror.source, repository);
    if (refusal === undefined) return [];
    const last = refusal.lastIndexOf('; ');
    return [wrong('DOCTOR-ROW', key, refusal.slice(0, last), refusal.slice(last + 2))];
  });
}
