import type { CommandCode } from '../error-code';
import type { ErrorEntry } from './entry';

export const COMMAND_ERRORS: Readonly<Record<CommandCode, ErrorEntry>> = {
  USAGE: {
    meaning: 'A command cannot be carried out as it was written.',
    look: '`ecr-mirror help COMMAND` has its flags and examples.',
    remedy: 'What the message says would do.',
    asks: ['usage'],
  },
  VALUE_INVALID: {
    meaning: 'A value is none of those that would do: a reference, digest, age, pattern, setting or event.',
    look: 'The message names the value, what was got and what would do.',
    remedy: 'Write it as the message says.',
    asks: ['usage'],
  },
  FILE_FAILED: {
    meaning: 'A file could not be read or written, or holds something else than it should.',
    look: 'The message has the file and what the operating system said.',
    remedy: 'Name another file, or give this user the right to it.',
    asks: ['usage'],
  },
  PROPS_INVALID: {
    meaning: 'The app asks the construct for something that could not work. Nothing was deployed.',
    look: 'The message names the prop, what was got and what would do; `cdk synth --debug` the line.',
    remedy: 'Correct the prop.',
    asks: ['usage'],
  },
  OVERTAKEN: {
    meaning: 'Another run has taken the copy over. What is at the destination is whole.',
    look: 'The lease in the table of copies names the job that has it.',
    remedy: 'Nothing: the other run does the rest.',
    sides: ['destination'],
    asks: ['stopped'],
  },
  STOPPED: {
    meaning: 'The run was told to stop before its end. What is at the destination is whole.',
    look: 'Who sent SIGINT or SIGTERM; in AWS Batch an interruption or the timeout.',
    remedy: 'Run it again: only what is missing moves.',
    asks: ['stopped'],
  },
  INTERNAL: {
    meaning: 'A fault of ecr-mirror itself.',
    look: '`--debug` shows where; in AWS the log of the function or job.',
    remedy: 'Tell us, with the message and the version: https://github.com/ecr-mirror/cdk-ecr-mirror/issues',
    asks: ['internal'],
  },
};
