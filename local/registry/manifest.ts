import {
  type Descriptor,
  isForeignLayer,
  isImageManifest,
  isIndex,
  isManifest,
  isSchema1,
} from '../../lib/model/descriptor';
import { isDigest } from '../../lib/model/digest';
import { Fault } from './fault';

/** What a registry must know of a manifest. */
export interface ParsedManifest {
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  /** `artifactType`, or the config's media type (distribution-spec v1.1, "Listing Referrers"). */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** @throws Fault MANIFEST_INVALID for what is no manifest of that type. */
export function parseManifest(bytes: Uint8Array, mediaType: string): ParsedManifest {
  if (!isManifest(mediaType)) throw invalid(`unknown manifest media type ${JSON.stringify(mediaType)}`);
  const body = parseObject(bytes);
  if (isSchema1(mediaType)) return { layers: [], manifests: [] };
  if (body.schemaVersion !== 2) throw invalid('schemaVersion is not 2');
  if (body.mediaType !== undefined && body.mediaType !== mediaType) {
    throw invalid('mediaType of the manifest differs from the Content-Type');
  }
  const config = isImageManifest(mediaType) ? descriptor(body.config, 'config') : undefined;
  const artifactType = typeof body.artifactType === 'string' ? body.artifactType : config?.mediaType;
  return {
    config,
    layers: isImageManifest(mediaType) ? descriptors(body.layers, 'layers') : [],
    manifests: isIndex(mediaType) ? descriptors(body.manifests, 'manifests') : [],
    ...(body.subject === undefined ? {} : { subject: descriptor(body.subject, 'subject') }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(isStrings(body.annotations) ? { annotations: body.annotations } : {}),
  };
}

/** Blobs that must be there before the manifest: foreign layers need not. */
export function neededBlobs(manifest: ParsedManifest): Descriptor[] {
  const layers = manifest.layers.filter((layer) => !isForeignLayer(layer.mediaType));
  return manifest.config === undefined ? layers : [manifest.config, ...layers];
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // answered below
  }
  throw invalid('manifest is not a JSON object');
}

function descriptors(value: unknown, name: string): Descriptor[] {
  if (!Array.isArray(value)) throw invalid(`${name} is not a list`);
  return value.map((one, at) => descriptor(one, `${name}[${at}]`));
}

function descriptor(value: unknown, name: string): Descriptor {
  const { mediaType, digest, size } = (value ?? {}) as Partial<Record<keyof Descriptor, unknown>>;
  if (typeof mediaType !== 'string' || !isDigest(digest) || !Number.isSafeInteger(size) || Number(size) < 0) {
    throw invalid(`${name} is not a descriptor`);
  }
  return value as Descriptor;
}

function isStrings(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
}

function invalid(message: string): Fault {
  return new Fault(400, 'MANIFEST_INVALID', `manifest invalid: ${message}`);
}
