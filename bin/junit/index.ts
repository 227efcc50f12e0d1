import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printable } from '../../lib/model/invalid';
import type { Report } from '../report';
import { UsageError } from '../usage';
import type { VerifyVoice } from '../verify-voice';
import { type Case, caseOfOutcome, caseOfPlanned, caseOfSkipped } from './case';
import { junitDocument, type Suite } from './document';

/** Hears how copies end, and writes that as a report for who shows tests. */
export interface Junit {
  hear(report: Report): Report;
  hearVerified(voice: VerifyVoice): VerifyVoice;
  /** When all has ended. @throws UsageError when the file cannot be written */
  write(seconds: number): Promise<void>;
}

/** Says so from the start in place of what an earlier run found: who is killed leaves no good news behind. */
const UNFINISHED: Case = {
  row: 'ecr-mirror',
  name: 'the run itself',
  seconds: 0,
  result: { kind: 'error', type: 'INTERRUPTED', message: 'the run did not come to its end' },
};

/** @throws UsageError when the file cannot be written */
export async function openJunit(path: string, cwd: string, suite: Omit<Suite, 'seconds'>): Promise<Junit> {
  const file = resolve(cwd, path);
  const cases: Case[] = [];
  await put(file, junitDocument({ ...suite, seconds: 0 }, [UNFINISHED]));
  return {
    hear: (report) => ({
      ...report,
      skip(skipped, mirror) {
        cases.push(caseOfSkipped(skipped, mirror));
        report.skip(skipped, mirror);
      },
      plan(copy, size) {
        cases.push(...copy.destinations.map((destination) => caseOfPlanned(copy, destination)));
        report.plan(copy, size);
      },
      end(copy, outcome) {
        cases.push(caseOfOutcome(copy, outcome));
        report.end(copy, outcome);
      },
    }),
    hearVerified: (voice) => ({
      ...voice,
      skipped(skipped, mirror) {
        cases.push(caseOfSkipped(skipped, mirror));
        voice.skipped(skipped, mirror);
      },
      ended(copy, outcome) {
        cases.push(caseOfOutcome(copy, outcome));
        voice.ended(copy, outcome);
      },
    }),
    write: (seconds) => put(file, junitDocument({ ...suite, seconds }, cases)),
  };
}

async function put(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = `--junit: write ${printable(file)}: got ${code}; a file that this user may write would do`;
    throw new UsageError(problem, 'FILE_FAILED');
  }
}
