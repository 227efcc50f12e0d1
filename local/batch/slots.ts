/** Room for so many vCPUs and so many containers at once. Who asks first is served first. */
export interface Slots {
  /** Resolves with what gives the room back, or with undefined when the signal was aborted before. */
  take(vcpus: number, signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function makeSlots(maxvCpus: number, containers: number): Slots {
  let vcpusUsed = 0;
  let running = 0;
  const waiting: { readonly vcpus: number; readonly start: () => void }[] = [];

  const pump = () => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (running >= containers || vcpusUsed + next.vcpus > maxvCpus) return;
      waiting.shift();
      running += 1;
      vcpusUsed += next.vcpus;
      next.start();
    }
  };
  const giveBack = (vcpus: number) => {
    running -= 1;
    vcpusUsed -= vcpus;
    pump();
  };

  return {
    take: (vcpus, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        const leave = () => {
          const index = waiting.indexOf(entry);
          if (index >= 0) waiting.splice(index, 1);
          resolve(undefined);
          pump();
        };
        const entry = {
          vcpus,
          start: () => {
            signal.removeEventListener('abort', leave);
            resolve(() => giveBack(vcpus));
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(entry);
        pump();
      }),
  };
}
