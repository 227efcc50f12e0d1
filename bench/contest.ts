import type { Scenario } from './corpus/scenarios';
import { type Effort, runCommands } from './measure/run-commands';
import { verifyAll } from './measure/verify';
import { countingNetwork, type Network, type NetworkName } from './network/network';
import type { Figures, Outcome, Result } from './report/report';
import { median } from './report/statistics';
import { type Setting, type Source, setStage } from './stage';
import type { Tool } from './tool';

export interface Contest {
  readonly tools: readonly Tool[];
  readonly runs: number;
  /** Seconds for a command. */
  readonly timeout: number;
  readonly setting: Setting;
  readonly source: Source;
  /** In plain http, where `source` may speak TLS: the counter reads along. */
  readonly plainSource: Source;
  readonly networks: readonly { readonly name: NetworkName; readonly network: Network }[];
  /** Told what is going on. */
  readonly say: (line: string) => void;
}

type Counts = Pick<Figures, 'requests' | 'received' | 'sent'>;

/** What is known of a tool so far; it takes part while nothing has failed. */
interface Entry {
  readonly tool: Tool;
  readonly counts?: Counts;
  readonly out?: Outcome;
}

/** One scenario over each network: counts first, untimed, then the timed runs. */
export async function holdContest(contest: Contest, scenario: Scenario): Promise<Result[]> {
  const entries: Entry[] = [];
  for (const tool of contest.tools) entries.push(await countOnce(contest, scenario, tool));
  const results: Result[] = [];
  for (const { name, network } of contest.networks) {
    const efforts = await timedRuns(contest, { scenario, entries, name, network });
    const outcomes = entries.map((entry) => outcomeOf(entry, efforts.get(entry.tool)));
    results.push({ scenario: scenario.name, about: scenario.about, network: name, outcomes });
  }
  return results;
}

async function countOnce(contest: Contest, scenario: Scenario, tool: Tool): Promise<Entry> {
  const network = countingNetwork();
  const place = {
    source: contest.plainSource,
    setting: { kind: contest.setting.kind, untuned: contest.setting.untuned },
    network,
  };
  let counts: Counts | undefined;
  const count = () => {
    const [source, destination] = [network.traffic('source'), network.traffic('destination')];
    counts = { requests: source.requests + destination.requests, received: source.received, sent: destination.sent };
  };
  const effort = await runOnce({ ...place, scenario, tool, timeout: contest.timeout, done: count });
  contest.say(`${scenario.name}, counted: ${tool.name} ${said(effort, counts)}`);
  if (effort === undefined) return { tool, out: { tool: tool.name, unable: true } };
  return 'failed' in effort ? { tool, out: { tool: tool.name, ...effort } } : { tool, counts };
}

function said(effort: Effort | Failed | undefined, counts: Counts | undefined): string {
  if (effort === undefined) return 'has no way to do it';
  return 'failed' in effort ? `failed: ${effort.failed}` : `${counts?.requests ?? 0} requests`;
}

interface Timed {
  readonly scenario: Scenario;
  readonly entries: readonly Entry[];
  readonly name: NetworkName;
  readonly network: Network;
}

type Efforts = ReadonlyMap<Tool, readonly Effort[] | Failed>;

/** Run by run, each tool in turn and each time another one first. A tool that fails is out. */
async function timedRuns(contest: Contest, { scenario, entries, name, network }: Timed): Promise<Efforts> {
  const { source, setting, timeout, runs } = contest;
  const efforts = new Map<Tool, readonly Effort[] | Failed>();
  const tools = entries.filter(({ out }) => out === undefined).map(({ tool }) => tool);
  for (let run = 0; run < runs; run += 1) {
    for (const tool of rotated(tools, run)) {
      const before = efforts.get(tool) ?? [];
      if ('failed' in before) continue;
      const effort = await runOnce({ source, setting, network, scenario, tool, timeout });
      if (effort === undefined) continue;
      efforts.set(tool, 'failed' in effort ? effort : [...before, effort]);
      const what = 'failed' in effort ? `failed: ${effort.failed}` : `${effort.wall.toFixed(3)} s`;
      contest.say(`${scenario.name}, ${name}, run ${run + 1} of ${runs}: ${tool.name} ${what}`);
    }
  }
  return efforts;
}

/** The same things in the same order, beginning with another one. */
export function rotated<T>(things: readonly T[], by: number): T[] {
  const first = things.length === 0 ? 0 : by % things.length;
  return [...things.slice(first), ...things.slice(0, first)];
}

function outcomeOf({ tool, counts, out }: Entry, efforts: readonly Effort[] | Failed | undefined): Outcome {
  if (out !== undefined) return out;
  if (counts === undefined || efforts === undefined) return { tool: tool.name, failed: 'it was not run' };
  if ('failed' in efforts) return { tool: tool.name, ...efforts };
  const middle = (name: keyof Effort) => median(efforts.map((effort) => effort[name]));
  const figures = { wall: middle('wall'), cpu: middle('cpu'), peakMemory: middle('peakMemory'), ...counts };
  return { tool: tool.name, figures };
}

interface Failed {
  readonly failed: string;
}

interface Run {
  readonly scenario: Scenario;
  readonly tool: Tool;
  readonly source: Source;
  readonly setting: Setting;
  readonly network: Network;
  readonly timeout: number;
  /** Called when the tool is done and its registries are still there. */
  readonly done?: () => void;
}

/** One run, into new registries; what it claims to have done is looked at. Undefined when the tool has no way to do it. */
async function runOnce(run: Run): Promise<Effort | Failed | undefined> {
  const { scenario, tool, source, setting, network, timeout } = run;
  const stage = await setStage(scenario, source, network, setting);
  try {
    const commands = await tool.commands(stage.task, stage.folder);
    if (commands === undefined) return undefined;
    const effort = await runCommands(commands, { output: stage.output, cwd: stage.folder, timeout });
    run.done?.();
    await verifyAll(stage.expected, setting.authority?.signer.cert);
    return effort;
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  } finally {
    await stage.close();
  }
}
