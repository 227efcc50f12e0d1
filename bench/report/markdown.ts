import type { Report, Result } from './report';
import { failuresOf, markdownTable, plainTable, summaryOf, tableOf } from './table';

/** The whole report for a file in the documentation. */
export function markdownReport(report: Report): string {
  const sections = report.results.flatMap((result) => [
    `### ${heading(result)}`,
    markdownTable(tableOf(result, report)),
    ...failuresOf(result).map((failure) => `- ${failure.replaceAll('|', '\\|')}`),
  ]);
  const parts = [
    `## ${report.date.slice(0, 10)}${report.tls ? ', TLS' : ''}${report.untuned ? ', the others untuned' : ''}`,
    ...warnings(report).map((warning) => `> **${warning}**`),
    [...report.machine, `median of ${report.runs}`].map((line) => `- ${line}`).join('\n'),
    markdownTable([['tool', 'version'], ...report.tools.map(({ name, version }) => [name, version])]),
    '### Ours to the best peer',
    markdownTable(summaryOf(report)),
    ...sections,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One scenario for a terminal. */
export function plainResult(result: Result, report: Pick<Report, 'tools' | 'tls'>): string {
  return [heading(result), plainTable(tableOf(result, report)), ...failuresOf(result)].join('\n');
}

function heading({ scenario, network, about }: Result): string {
  return `${scenario}, ${network}: ${about}`;
}

/** Why what was measured is no result to be quoted. */
export function warnings({ missing, runs, untuned }: Pick<Report, 'missing' | 'runs' | 'untuned'>): string[] {
  return [
    ...(untuned ? ['No comparison with the best: the others run at the concurrency that they come with.'] : []),
    ...(missing.length > 0 ? [`No result: not on this machine: ${missing.join(', ')}.`] : []),
    ...(runs < 3 ? [`No result: ${runs === 1 ? 'one run' : `${runs} runs`} of each; three or more would do.`] : []),
  ];
}
