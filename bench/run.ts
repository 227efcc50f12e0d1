/** `npm run bench`: ours beside every peer that is on this machine. See docs/performance.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from '../local/certificates';
import { cleanUpOnExit, newFolder } from './cleanup';
import { type Contest, holdContest } from './contest';
import { parseFlags, type Settings, USAGE } from './flags';
import { describeMachine } from './machine';
import { checkNetwork } from './network/check';
import { WAN } from './network/line';
import { openNetwork } from './network/network';
import { tools as allTools } from './peers';
import { ecrMirror as ours } from './peers/ecr-mirror';
import { markdownReport, plainResult, warnings } from './report/markdown';
import { describeNetwork } from './report/network';
import { pictureOf } from './report/picture';
import type { Report, Result } from './report/report';
import { type Setting, startSource } from './stage';
import type { Tool } from './tool';

const say = (line: string) => void process.stderr.write(`${line}\n`);
const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const settings = parseFlags(args);
  if (settings === undefined) {
    print(USAGE);
    return 0;
  }
  if (process.platform !== 'linux') throw new Error(`got ${process.platform}; Linux would do: figures come from /proc`);
  cleanUpOnExit();
  const report = await measure(settings);
  for (const warning of warnings(report)) print(warning);
  if (settings.markdown !== undefined) writeFileSync(settings.markdown, markdownReport(report));
  if (settings.json !== undefined) writeFileSync(settings.json, `${JSON.stringify(report, null, 1)}\n`);
  if (settings.svg !== undefined) writeFileSync(settings.svg, pictureOf(report));
  // What a peer cannot do is in the tables; what ours cannot is a fault to be seen.
  const own = report.results.flatMap(({ outcomes }) => outcomes.filter(({ tool }) => tool === ours.name));
  return own.some((outcome) => 'failed' in outcome) ? 1 : 0;
}

async function measure(settings: Settings): Promise<Report> {
  const { here, missing } = await toolsHere(settings);
  const machine = describeMachine(settings.registry);
  if (settings.networks.includes('wan')) machine.push(describeNetwork(WAN, await checkNetwork(WAN)));
  const about = {
    date: new Date().toISOString(),
    machine,
    runs: settings.runs,
    tls: settings.tls,
    untuned: settings.untuned,
    tools: here.map(({ tool, version }) => ({ name: tool.name, version })),
    missing,
  };
  for (const line of [...machine, ...about.tools.map(({ name, version }) => `${name} ${version}`)]) print(line);
  for (const warning of warnings(about)) print(warning);
  const tools = here.map(({ tool }) => tool);
  const results = await holdContests(settings, tools, (result) => print(`\n${plainResult(result, about)}`));
  return { ...about, results };
}

interface Here {
  readonly here: readonly { readonly tool: Tool; readonly version: string }[];
  readonly missing: readonly string[];
}

/** Which of the tools that are wanted are on this machine. What is not wanted is missing too: the best peer may be among it. */
async function toolsHere({ tools: wanted }: Settings): Promise<Here> {
  const here: { tool: Tool; version: string }[] = [];
  const missing: string[] = [];
  const known = allTools.map(({ name }) => name);
  const strange = wanted?.find((name) => !known.includes(name));
  if (strange !== undefined) throw new Error(`--tool: got ${JSON.stringify(strange)}; ${known.join(', ')} would do`);
  for (const tool of allTools) {
    const version = wanted?.includes(tool.name) === false ? undefined : await tool.version();
    if (version === undefined) missing.push(tool.name);
    else here.push({ tool, version });
  }
  return { here, missing };
}

async function holdContests(
  settings: Settings,
  tools: readonly Tool[],
  show: (result: Result) => void,
): Promise<Result[]> {
  const { registry: kind, runs, timeout } = settings;
  say('preparing what the registries hold');
  const authority = settings.tls ? newAuthority() : undefined;
  const setting: Setting = { kind, authority, untuned: settings.untuned };
  const plainSource = await startSource({ kind });
  const source = settings.tls ? await startSource(setting) : plainSource;
  const networks = settings.networks.map((name) => ({ name, network: openNetwork(name) }));
  const contest: Contest = { tools, runs, timeout, setting, source, plainSource, networks, say };
  const results: Result[] = [];
  try {
    for (const scenario of settings.scenarios) {
      const held = await holdContest(contest, scenario);
      for (const result of held) show(result);
      results.push(...held);
    }
  } finally {
    for (const { network } of networks) await network.end();
    for (const registry of new Set([plainSource, source])) await registry.close();
    authority?.folder.remove();
  }
  return results;
}

function newAuthority() {
  const folder = newFolder();
  const signer = makeAuthority('the benchmark’s own authority');
  const file = join(folder.path, 'authority.pem');
  writeFileSync(file, signer.cert);
  return { file, signer, folder };
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(1);
  },
);
