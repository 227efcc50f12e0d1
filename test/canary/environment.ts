import type { Circus } from '@jest/types';
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';
import { gatherLeaks } from './gather';
import { consoleWatcher, watchErrors, watchOutputs } from './watch';
import { watchFolders } from './watch-folders';
import { watchProcesses } from './watch-processes';

/**
 * Node, with an eye on all that a file of tests writes: a test fails in whose time a secret is written that somebody was
 * trusted with, or is sent to a host that it is not for. Secrets are those of `local/canary.ts`.
 */
export default class extends NodeEnvironment {
  private lookAtConsole = () => {};
  private readonly leaks = gatherLeaks(() => this.lookAtConsole());
  private readonly folders = watchFolders();
  private readonly endings = [this.leaks.end, this.folders.end, watchProcesses(), watchOutputs()];

  override async setup(): Promise<void> {
    await super.setup();
    watchErrors(this.global);
  }

  handleTestEvent(event: Circus.Event, state: Circus.State): void {
    if (event.name === 'setup') this.lookAtConsole = consoleWatcher(this.global.console);
    if (event.name === 'test_done') event.test.errors.push(...this.leaks.take());
    if (event.name !== 'run_finish') return;
    this.folders.inspectThoseLeft();
    state.unhandledErrors.push(...this.leaks.take());
  }

  override async teardown(): Promise<void> {
    for (const end of this.endings.reverse()) end();
    await super.teardown();
  }
}
