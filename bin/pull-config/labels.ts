import { show } from '../../lib/model/invalid';
import { UsageError } from '../usage';

/** Of Kubernetes: 63 characters, letters and digits at both ends. */
const NAME = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/i;
/** A DNS subdomain, before the name. */
const PREFIX = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** `team=platform,example.com/cost-centre=42`: the last of several of one key counts. @throws UsageError */
export function parseLabels(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(text.split(',').map((part) => parseLabel(part.trim())));
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf('=');
  const [key, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  const slash = key.lastIndexOf('/');
  const isKey = NAME.test(key.slice(slash + 1)) && (slash === -1 || PREFIX.test(key.slice(0, slash)));
  if (!isKey || !(value === '' || NAME.test(value))) {
    throw new UsageError(`--labels: got ${show(text)}; KEY=VALUE, as Kubernetes allows them, would do`);
  }
  return [key, value];
}

/** What is made, with labels of one's own: on resources themselves, not on the pods of a job, which never change. */
export function labelled(resource: Labelled, labels: Readonly<Record<string, string>>): Labelled {
  if (Object.keys(labels).length === 0) return resource;
  const { metadata } = resource;
  return { ...resource, metadata: { ...metadata, labels: { ...metadata?.labels, ...labels } } };
}

interface Labelled {
  readonly metadata?: { readonly labels?: object };
}
