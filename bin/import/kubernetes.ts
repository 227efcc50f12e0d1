import { isMap } from '../../lib/model/row-reader';
import { below, type Harvest, parted, type Target } from './harvest';

/** Where a pod says what it runs (Kubernetes API, core/v1 PodSpec). */
const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];
/** A manifest is deep; one that is deeper is made to be. */
const DEEPEST = 64;
const LONGEST_PLACE = 120;

/** The images that Kubernetes manifests run, `helm template`'s output alike, each once. */
export function fromKubernetes(documents: readonly unknown[], target: Target, harvest: Harvest): void {
  const images = new Set<string>();
  for (const [i, document] of documents.entries()) collect(document, `document ${i + 1}`, 0, images, harvest);
  for (const image of images) {
    const { tag, digest } = parted(image);
    const isBare = tag === undefined && digest === undefined;
    harvest.add({ source: isBare ? `${image}:latest` : image, ...below(target, pathOf(image)) });
  }
}

function collect(value: unknown, where: string, depth: number, images: Set<string>, harvest: Harvest): void {
  if (depth > DEEPEST) {
    harvest.note(where.slice(0, LONGEST_PLACE), `is more than ${DEEPEST} deep: what is below is not carried`);
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) collect(one, `${where}[${i}]`, depth + 1, images, harvest);
  }
  if (!isMap(value)) return;
  for (const [key, one] of Object.entries(value)) {
    const place = `${where}.${key}`;
    if (CONTAINERS.includes(key) && Array.isArray(one)) {
      for (const [i, container] of one.entries()) addImage(container, `${place}[${i}]`, images, harvest);
    } else if (key === 'volumes' && Array.isArray(one)) {
      // An image as a volume (core/v1 ImageVolumeSource).
      for (const [i, volume] of one.entries())
        if (isMap(volume)) addReference(volume.image, `${place}[${i}]`, images, harvest);
    } else collect(one, place, depth + 1, images, harvest);
  }
}

function addImage(container: unknown, where: string, images: Set<string>, harvest: Harvest): void {
  if (!isMap(container) || container.image === undefined) return;
  add(container.image, `${where}.image`, images, harvest);
}

function addReference(volume: unknown, where: string, images: Set<string>, harvest: Harvest): void {
  if (isMap(volume) && volume.reference !== undefined)
    add(volume.reference, `${where}.image.reference`, images, harvest);
}

function add(image: unknown, where: string, images: Set<string>, harvest: Harvest): void {
  if (typeof image !== 'string' || image.trim() === '') harvest.note(where, 'is no text: not carried');
  else if (/\{\{|\$[({]/.test(image)) harvest.note(where, 'has a template, which is not evaluated: not carried');
  else images.add(image.trim());
}

/** What stands behind the registry, if there is one. */
function pathOf(image: string): string {
  const { name } = parted(image);
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  return first.includes('.') || first.includes(':') || first === 'localhost' ? name.slice(slash + 1) : name;
}
