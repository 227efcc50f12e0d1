import type { Task } from '../tool';
import { registries } from './program';

/** Requests to one registry at once; its default is 3. */
export const REGCLIENT_REQUESTS = 32;

/** What regctl and regsync alike are told of each registry. */
export function hostSettings(task: Task): Record<string, object> {
  const tls = task.certificate === undefined ? 'disabled' : 'enabled';
  const tuned = task.untuned === true ? {} : { reqConcurrent: REGCLIENT_REQUESTS };
  return Object.fromEntries(registries(task).map((name) => [name, { tls, ...tuned }]));
}
