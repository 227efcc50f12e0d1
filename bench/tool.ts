/** An image in a registry on this machine. */
export interface Place {
  /** `127.0.0.1:5000` */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** One image and where it is to be. */
export interface Wanted {
  readonly source: Place;
  readonly destinations: readonly Place[];
}

/** What a tool is asked for: the same for all of them. */
export interface Task {
  /** Copy, or only say what would be copied. */
  readonly kind: 'copy' | 'plan';
  readonly wanted: readonly Wanted[];
  /** Whether signatures and what else refers to an image goes with it. */
  readonly referrers: boolean;
  /** Of the authority that signed the certificates of the registries: they are asked by https. @default - plain http */
  readonly certificate?: string;
  /** Concurrency is what the program comes with, as most people run it. @default false: what its documentation offers */
  readonly untuned?: boolean;
}

/** A program to be run, once those before it are done. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program that copies images, ours or another one. */
export interface Tool {
  readonly name: string;
  /** As the program itself says it; undefined when it is not on this machine. */
  version(): Promise<string | undefined>;
  /**
   * The commands that do a task, at the best flags that the tool's documentation has; files that they need are written into the
   * folder, which is empty at first. Undefined when the tool has no way to do it.
   */
  commands(task: Task, folder: string): Promise<readonly Command[] | undefined>;
}
