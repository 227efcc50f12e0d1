import { isMap } from '../../lib/model/row-reader';

/** A deployed template, read without a word of what it deploys. */

export interface Resource {
  readonly id: string;
  readonly type: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** JSON, as `cdk synth` writes it; YAML, as `cdk deploy` sends it where templates are no assets. @throws UsageError of one line */
export async function parseTemplate(text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return (await import('../mirrors')).parseYaml(text, 'template');
  }
}

export function resourcesOf(document: unknown): readonly Resource[] {
  return Object.entries(mapOf(mapOf(document).Resources)).map(([id, resource]) => ({
    id,
    type: mapOf(resource).Type,
    properties: mapOf(mapOf(resource).Properties),
  }));
}

/** The logical id that `Ref` or `Fn::GetAtt` names. */
export function refOf(value: unknown): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute } = mapOf(value);
  const named = Array.isArray(attribute) ? attribute[0] : typeof attribute === 'string' ? attribute.split('.')[0] : Ref;
  return typeof named === 'string' ? named : undefined;
}

export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The end of what is put together (`Fn::Join`, `Fn::Sub`). */
export function lastText(value: unknown): string {
  if (typeof value === 'string') return value;
  const parts = Array.isArray(value) ? value : Object.values(mapOf(value));
  return parts.length === 0 ? '' : lastText(parts.at(-1));
}
