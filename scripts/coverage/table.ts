import type { FileCoverage } from './file';
import { measured } from './places.json';

/** Percent that must be reached in every folder. */
export const WANTED = { lines: 95, branches: 90 };

interface Share {
  readonly hit: number;
  readonly all: number;
}

export interface FolderCoverage {
  readonly folder: string;
  readonly lines: Share;
  readonly branches: Share;
}

export function byFolder(files: readonly FileCoverage[]): FolderCoverage[] {
  const rows = measured.map((folder) =>
    total(
      folder,
      files.filter(({ path }) => path.startsWith(`${folder}/`)),
    ),
  );
  return [...rows, total('all', files)];
}

function total(folder: string, files: readonly FileCoverage[]): FolderCoverage {
  return {
    folder,
    lines: share(files.flatMap((file) => [...file.lines().values()])),
    branches: share(files.flatMap((file) => file.branches().map(({ hit }) => hit))),
  };
}

function share(hits: readonly boolean[]): Share {
  return { hit: hits.filter(Boolean).length, all: hits.length };
}

export function formatTable(rows: readonly FolderCoverage[]): string {
  const cell = ({ hit, all }: Share) => `${percent({ hit, all }).toFixed(1)} % (${hit} of ${all})`;
  const line = ({ folder, lines, branches }: FolderCoverage) =>
    `| ${folder === 'all' ? folder : `\`${folder}\``} | ${cell(lines)} | ${cell(branches)} |`;
  return ['| folder | lines | branches |', '|---|---|---|', ...rows.map(line)].join('\n');
}

/** A line for each folder that falls short. */
export function shortfalls(rows: readonly FolderCoverage[]): string[] {
  return rows.flatMap(({ folder, ...shares }) =>
    (['lines', 'branches'] as const)
      .filter((what) => percent(shares[what]) < WANTED[what])
      .map((what) => `${folder}: got ${percent(shares[what]).toFixed(1)} % of ${what}; ${WANTED[what]} would do`),
  );
}

function percent({ hit, all }: Share): number {
  return all === 0 ? 100 : (100 * hit) / all;
}

/** `engine/copy.ts lines 12-14, 31 · branches 12, 40 (otherwise)`, for each file that lacks something. */
export function formatMissing(files: readonly FileCoverage[]): string {
  const texts = files.flatMap((file) => {
    const lines = [...file.lines()].filter(([, hit]) => !hit).map(([line]) => line);
    const branches = file.branches().filter(({ hit }) => !hit);
    const ways = branches.map(({ line, otherwise }) => (otherwise ? `${line} (otherwise)` : String(line)));
    const parts = [...named('lines', lines.map(String)), ...named('branches', ways)];
    return parts.length === 0 ? [] : [`${file.path} ${parts.join(' · ')}`];
  });
  return `${texts.join('\n')}\n`;
}

function named(what: string, list: readonly string[]): string[] {
  return list.length === 0 ? [] : [`${what} ${list.join(', ')}`];
}
