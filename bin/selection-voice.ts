import type { Skipped } from '../lib/model/copy';
import { printable } from '../lib/model/invalid';
import { formatRepository, type Repository } from '../lib/model/reference';
import type { SelectionExplained, TagSelection } from '../lib/model/tag-selection';
import { pageColumns, paintFor } from '../terminal/output';
import { selectionLines } from '../terminal/selection';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import { lineVoice } from './line-voice';
import { failureOfSkipped, jsonVoice } from './voices';

/** A selection of a repository's tags, of a row or of the command line. */
export interface Asked {
  /** The row's key, or the repository. */
  readonly mirror: string;
  readonly source: Repository;
  readonly selection: TagSelection;
}

/** How selections are told, to people or to machines. */
export interface SelectionVoice {
  /** @param problem why nothing is copied by it */
  explained(asked: Asked, explained: SelectionExplained, problem: string | undefined): void;
  /** A row that cannot be read, or whose source does not answer. */
  failed(skipped: Skipped): void;
}

export function jsonSelectionVoice(io: Io): SelectionVoice {
  const tell = (event: string, fields: object) => tellJsonLine(io, event, fields);
  return {
    explained({ mirror, source: repository }, { all, stages, selected }, error) {
      const source = formatRepository(repository);
      for (const { name, dropped } of stages) {
        for (const [tag, why] of dropped) tell('tag', { mirror, source, tag, selected: false, stage: name, why });
      }
      for (const tag of selected) tell('tag', { mirror, source, tag, selected: true });
      const counts = stages.map(({ name, kept, dropped }) => ({ stage: name, kept, dropped: dropped.length }));
      tell('selection', { mirror, source, tags: all, selected: selected.length, stages: counts, error });
    },
    failed: (skipped) => jsonVoice(io).failed({ what: skipped.mirror, error: skipped.detail ?? '' }, skipped),
  };
}

export function lineSelectionVoice(io: Io, { all, quiet }: { readonly all: boolean; readonly quiet: boolean }) {
  const paint = paintFor(io.stdout, io.env);
  const lines = lineVoice(io, { quiet });
  const voice: SelectionVoice = {
    explained({ mirror, source, selection }, explained, problem) {
      if (!quiet) {
        io.stdout.write(`${paint.bold(`${printable(mirror)}: ${explained.all} tags`)}\n`);
        for (const line of selectionLines(explained, selection, { columns: pageColumns(io.stdout), all })) {
          io.stdout.write(`${line.startsWith(' ') ? line : paint.bold(line)}\n`);
        }
      }
      if (problem === undefined) return;
      const about = { mirror, source: { repository: source }, reason: 'nothing-selected', detail: problem } as const;
      voice.failed(about);
    },
    failed: (skipped) => lines.failed({ ...failureOfSkipped(skipped), what: skipped.mirror }, skipped),
  };
  return voice;
}
