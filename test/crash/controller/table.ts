import { HEALED, type Result } from './matrix';
import { STORIES } from './story';

const HEAD = '| fault | at | the invocation | all is well |\n|---|---|---|---|';

/** How all cases ended, as a table for each story. */
export function tables(results: readonly Result[]): string {
  return STORIES.map(({ name }) => {
    const those = results.filter(({ case: { story } }) => story.name === name);
    return [`#### ${capital(name)}`, '', HEAD, ...rows(those)].join('\n');
  }).join('\n\n');
}

/** A row for all steps at which a fault ends alike. */
function rows(results: readonly Result[]): string[] {
  const cells = new Map<string, Result[]>();
  for (const result of results) {
    const { fault, step } = result.case;
    const key = `${fault.name} | ${step}`;
    cells.set(key, [...(cells.get(key) ?? []), result]);
  }
  const alike = new Map<string, string[]>();
  for (const [key, those] of cells) {
    const [fault = '', step = ''] = key.split(' | ');
    const ends = `${fault} | | ${each(those, ({ ended }) => ended)} | ${each(those, ({ healed }) => healed)}`;
    alike.set(ends, [...(alike.get(ends) ?? []), step]);
  }
  return [...alike].map(([ends, steps]) => `| ${ends.replace(' | | ', ` | ${listed(steps)} | `)} |`);
}

function each(results: readonly Result[], of: (result: Result) => string): string {
  const found = [...new Set(results.map(of))];
  return found.sort((a, b) => order(a) - order(b)).join(', or ');
}

function order(text: string): number {
  return (HEALED as readonly string[]).indexOf(text);
}

/** `dynamodb: Scan, rows; lease` and so on: what is asked of one service, together. */
function listed(steps: readonly string[]): string {
  return steps.map((step) => `\`${step}\``).join(', ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
