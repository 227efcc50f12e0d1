import type { Decision, Pruned } from '../aws/prune';
import { printable } from '../lib/model/invalid';
import type { MadeCopy } from '../lib/model/prune';
import { formatReference } from '../lib/model/reference';
import { count, wrap } from '../terminal/format';
import { columnsOf, paintFor } from '../terminal/output';
import type { Io } from './io';
import { tellJsonLine } from './json-line';
import type { Settings } from './settings';

/** How pruning is told, to people or to machines. */
export interface PruneVoice {
  decided(
    decision: Decision,
    limits: { readonly yes: boolean; readonly atMost: number; readonly unseenOk: boolean },
  ): void;
  pruned(pruned: readonly Pruned[]): void;
}

export function pruneVoice(settings: Pick<Settings, 'json' | 'quiet'>, io: Io): PruneVoice {
  return settings.json ? jsonVoice(io) : lineVoice(settings.quiet, io);
}

function jsonVoice(io: Io): PruneVoice {
  const tell = (event: string, fields: object) => tellJsonLine(io, event, fields);
  let numbers = {};
  return {
    decided({ decided, unseen }, { yes }) {
      numbers = numbersOf({ decided, unseen });
      for (const { what } of unseen) tell('warning', { about: 'in use', message: what });
      for (const { copy, verdict } of decided) {
        if (verdict.kind === 'prune') tell('prune', { ...places(copy), digest: copy.pushed, why: verdict.why });
        if (verdict.kind !== 'kept') continue;
        tell('kept', { ...places(copy), reason: verdict.reason, detail: verdict.detail });
      }
      if (!yes) tell('pruning', numbers);
    },
    pruned(pruned) {
      for (const { copy, error } of pruned) {
        if (error === undefined) tell('pruned', { ...places(copy), digest: copy.pushed });
        else tell('failed', { ...places(copy), reason: 'delete-failed', error: printable(error) });
      }
      const failed = pruned.filter(({ error }) => error !== undefined).length;
      tell('pruning', { ...numbers, pruned: pruned.length - failed, failed });
    },
  };
}

function places({ source, destination }: MadeCopy) {
  return { source: formatReference(source), destination: formatReference(destination) };
}

function numbersOf({ decided }: Decision) {
  const of = (wanted: string) => decided.filter(({ verdict: { kind } }) => kind === wanted).length;
  return { planned: of('prune'), kept: of('kept'), wanted: of('wanted'), gone: of('gone') };
}

/** Columns of the word that a line begins with. */
const LABEL = 9;

function lineVoice(quiet: boolean, io: Io): PruneVoice {
  const paint = paintFor(io.stdout, io.env);
  const warning = paintFor(io.stderr, io.env);
  const say = (label: string, text: string) => {
    if (quiet) return;
    const line = `${label.padEnd(LABEL)}${printable(text)}`;
    const [first = '', ...others] = wrap(line, columnsOf(io.stdout), ' '.repeat(LABEL));
    const painted = label === 'prune' || label === 'pruned' ? paint.yellow(label) : paint.dim(label);
    io.stdout.write(`${[first.replace(label, painted), ...others].join('\n')}\n`);
  };
  return {
    decided(decision, { yes, atMost, unseenOk }) {
      const { decided, unseen } = decision;
      for (const { what } of unseen) {
        const effect = unseenOk ? 'it is not asked for (--unseen-ok)' : 'so its images stay, unless --unseen-ok';
        io.stderr.write(`${warning.yellow('unseen')}   ${printable(what)}; ${effect}\n`);
      }
      for (const { copy, verdict } of decided) {
        const name = formatReference(copy.destination);
        if (verdict.kind === 'kept') say('kept', `${name} (${verdict.reason}): ${verdict.detail}`);
        if (verdict.kind === 'prune' && !yes) say('prune', `${name}: ${verdict.why}`);
      }
      const { planned, kept, wanted, gone } = numbersOf(decision);
      const others = `${wanted} wanted, ${kept} kept, ${gone} gone already`;
      if (yes) return say(others, '');
      const next =
        planned === 0 ? '' : planned > atMost ? `; --yes --at-most ${planned} would do it` : '; --yes would do it';
      io.stdout.write(`${count(planned, 'image')} to delete${next}; ${others}\n`);
    },
    pruned(pruned) {
      for (const { copy, error } of pruned) {
        const name = formatReference(copy.destination);
        if (error === undefined) say('pruned', name);
        else io.stderr.write(`${warning.red('failed')}   ${name}: ${printable(error)}\n`);
      }
      const failed = pruned.filter(({ error }) => error !== undefined).length;
      io.stdout.write(`${count(pruned.length - failed, 'image')} deleted, ${failed} failed\n`);
    },
  };
}
