import { show } from '../../lib/model/invalid';
import { AwsError } from '../aws/error';
import { type JsonMap, listOf, mapOf, numberOf, textOf } from '../template/value';

export interface RetryStrategy {
  /** Attempts in all, 1 to 10. */
  readonly attempts: number;
  readonly evaluateOnExit: readonly ExitRule[];
}

/** A rule of `evaluateOnExit`: all its conditions must match. A pattern may end in `*`. */
export interface ExitRule {
  readonly onStatusReason?: string;
  readonly onReason?: string;
  readonly onExitCode?: string;
  readonly action: 'RETRY' | 'EXIT';
}

/** How an attempt failed. What is absent counts as empty text. */
export interface Failure {
  readonly statusReason?: string;
  readonly reason?: string;
  readonly exitCode?: number;
}

const MOST_ATTEMPTS = 10;
const MOST_RULES = 5;
const TEXT_PATTERN = /^[A-Za-z0-9.:\s]*\*?$/;
const CODE_PATTERN = /^[0-9]*\*?$/;

/** @throws AwsError ClientException for what AWS Batch refuses. */
export function readRetryStrategy(input: JsonMap, where: string): RetryStrategy {
  const refuse = (what: string): never => {
    throw new AwsError('ClientException', `${where}: retryStrategy: ${what}`);
  };
  const rules = listOf(input.evaluateOnExit).map(mapOf);
  if (rules.length > MOST_RULES) refuse(`evaluateOnExit: got ${rules.length} rules; at most ${MOST_RULES} would do`);
  if (rules.length > 0 && input.attempts === undefined) refuse('evaluateOnExit needs attempts beside it');
  const attempts = input.attempts === undefined ? 1 : (numberOf(input.attempts) ?? 0);
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > MOST_ATTEMPTS) {
    refuse(`attempts: got ${show(input.attempts)}; 1 to ${MOST_ATTEMPTS} would do`);
  }
  return { attempts, evaluateOnExit: rules.map((rule) => readRule(rule, refuse)) };
}

function readRule(rule: JsonMap, refuse: (what: string) => never): ExitRule {
  const pattern = (name: 'onStatusReason' | 'onReason' | 'onExitCode', allowed: RegExp) => {
    const text = textOf(rule[name]);
    if (text === undefined) return {};
    return allowed.test(text) && text.length <= 512
      ? { [name]: text }
      : refuse(`${name}: got ${show(text)}, which has restricted characters; one * at the end at most would do`);
  };
  const action = textOf(rule.action)?.toUpperCase();
  if (action !== 'RETRY' && action !== 'EXIT')
    return refuse(`action: got ${show(rule.action)}; RETRY or EXIT would do`);
  return {
    ...pattern('onStatusReason', TEXT_PATTERN),
    ...pattern('onReason', TEXT_PATTERN),
    ...pattern('onExitCode', CODE_PATTERN),
    action,
  };
}

/** Whether a failed attempt, the `attempt`th, is followed by another: the first rule that matches decides, no match retries. */
export function isRetried(strategy: RetryStrategy, attempt: number, failure: Failure): boolean {
  if (attempt >= strategy.attempts) return false;
  const rule = strategy.evaluateOnExit.find((candidate) => matchesAll(candidate, failure));
  return rule === undefined || rule.action === 'RETRY';
}

function matchesAll(rule: ExitRule, failure: Failure): boolean {
  return (
    matches(rule.onStatusReason, failure.statusReason) &&
    matches(rule.onReason, failure.reason) &&
    matches(rule.onExitCode, failure.exitCode?.toString())
  );
}

function matches(pattern: string | undefined, text = ''): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
