#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { basename } from 'node:path';
import { printable } from '../lib/model/invalid';
import { version } from '../package.json';
import { type Invocation, parseCommandLine } from './arguments';
import { helpText } from './help';
import type { Io } from './io';

type Run = Extract<Invocation, { kind: 'run' }>;

/**
 * The command line as a function: arguments (without node and script) in, exit code out. Never rejects. Only what the
 * command needs is loaded.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const invocation = parseCommandLine(argv);
    if (invocation.kind === 'run') return await runToItsEnd(invocation, io);
    io.stdout.write(invocation.kind === 'version' ? `${version}\n` : helpText(invocation.command));
    return 0;
  } catch (error) {
    const { fatal } = await import('./exit');
    return fatal(error, { debug: argv.includes('--debug'), json: argv.includes('--json') }, io);
  }
}

/** Whatever the command shows on the terminal is gone before anything is said of how it ended. */
async function runToItsEnd(invocation: Run, io: Io): Promise<number> {
  const atEnd: (() => void)[] = [];
  try {
    return await run(invocation, { ...io, atEnd });
  } finally {
    for (const end of atEnd) end();
  }
}

async function run(invocation: Run, io: Io): Promise<number> {
  switch (invocation.command.name) {
    case 'copy':
      return (await import('./commands/copy')).copy(invocation.arguments, invocation.flags, io);
    case 'sync':
      return (await import('./commands/sync')).sync(invocation.flags, io);
    case 'plan':
      return (await import('./commands/plan')).plan(invocation.flags, io);
    case 'export':
      return (await import('./commands/export')).exportImages(invocation.flags, io);
    case 'load':
      return (await import('./commands/load')).load(invocation.arguments, invocation.flags, io);
    case 'contents':
      return (await import('./commands/contents')).contents(invocation.arguments, invocation.flags, io);
    case 'import':
      return (await import('./commands/import')).importFile(invocation.arguments, invocation.flags, io);
    case 'pull-config':
      return (await import('./commands/pull-config')).pullConfig(invocation.arguments, invocation.flags, io);
    case 'verify':
      return (await import('./commands/verify')).verify(invocation.flags, io);
    case 'serve':
      return (await import('./commands/serve')).serve(invocation.flags, io);
    case 'tags':
      return (await import('./commands/tags')).tags(invocation.arguments, invocation.flags, io);
    case 'status':
      return (await import('./commands/status')).status(invocation.arguments, invocation.flags, io);
    case 'list':
      return (await import('./commands/list')).list(invocation.arguments, invocation.flags, io);
    case 'add':
      return (await import('./commands/add')).add(invocation.arguments, invocation.flags, io);
    case 'remove':
      return (await import('./commands/remove')).remove(invocation.arguments, invocation.flags, io);
    case 'prune':
      return (await import('./commands/prune')).prune(invocation.flags, io);
    case 'run':
      return (await import('./commands/run')).run(invocation.arguments, invocation.flags, io);
    case 'doctor':
      return (await import('./commands/doctor')).doctor(invocation.flags, io);
    case 'explain':
      return (await import('./commands/explain')).explain(invocation.arguments, invocation.flags, io);
    case 'completion':
      return (await import('./commands/completion')).completion(invocation.arguments, invocation.flags, io);
    case 'report':
      return (await import('./commands/report')).report(invocation.flags, io);
  }
}

/** Runs for this process: the first SIGINT or SIGTERM stops in order, the second at once. */
async function runProcess(): Promise<void> {
  const stop = new AbortController();
  // Every request under way listens to it; their number has a bound of its own.
  setMaxListeners(0, stop.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(75) : stop.abort()));
  }
  // Whoever reads our output has gone: `ecr-mirror … | head`.
  process.stdout.on('error', () => process.exit(75));
  process.on('uncaughtException', (error) => {
    const debug = process.argv.includes('--debug');
    process.stderr.write(`ecr-mirror: ${debug ? error.stack : printable(error.message)}\n`);
    process.exit(70);
  });
  const { stdout, stderr, env } = process;
  process.exitCode = await main(process.argv.slice(2), {
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    signal: stop.signal,
  });
}

if (/^ecr-mirror(\.\w+)?$/.test(basename(process.argv[1] ?? ''))) void runProcess();
