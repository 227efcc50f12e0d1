/** What a process that has changed its terminal owes to it. */
export interface Shown {
  /** Gives the terminal back as it was. */
  leave(): void;
  /** Takes it again. */
  again(): void;
}

/**
 * Has a terminal given back when the process ends, however it does, and while it is stopped (Ctrl-Z).
 *
 * @returns what ends that
 */
export function whileShown({ leave, again }: Shown): () => void {
  const stopped = () => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  process.on('exit', leave);
  // Windows knows neither.
  const hasJobs = process.platform !== 'win32';
  if (hasJobs) process.on('SIGTSTP', stopped).on('SIGCONT', again);
  return () => {
    process.off('exit', leave);
    if (hasJobs) process.off('SIGTSTP', stopped).off('SIGCONT', again);
  };
}
