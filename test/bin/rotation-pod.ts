import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { SecretsApi } from '../../local/kubernetes-secrets';

// biome-ignore lint/suspicious/noExplicitAny: manifests, as Kubernetes has them
export type Manifest = any;

export function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** What Amazon ECR answers for a region, by the name of its token. */
export type Answers = Readonly<Record<string, string>>;

export interface PodRan {
  /** Of the container that writes secrets. */
  readonly code: number;
  readonly said: string;
  /** How the AWS CLI was called. */
  readonly calls: readonly string[];
}

/**
 * Runs the containers of a rotation's job one after the other, as processes with the variables and files that its manifests
 * give them, below a folder of their own. The AWS CLI is a script with the answers of Amazon ECR.
 */
export async function runPod(manifests: readonly Manifest[], api: SecretsApi, answers: Answers): Promise<PodRan> {
  const folder = mkdtempSync(join(tmpdir(), 'pod-'));
  try {
    const { spec } = manifests.find(({ kind }) => kind === 'Job').spec.template;
    fill(folder, spec, manifests, api);
    const calls = join(folder, 'calls');
    const env = { PATH: `${awsCli(folder, answers, calls)}:${process.env.PATH}`, ...addressOf(api) };
    const asked = await runContainer(folder, spec.initContainers[0], env);
    if (asked.code !== 0) return { ...asked, calls: [] };
    const ran = await runContainer(folder, spec.containers[0], env);
    return { code: ran.code, said: asked.said + ran.said, calls: readFileSync(calls, 'utf8').trim().split('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function addressOf({ port }: SecretsApi) {
  return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port), RETRY_MS: '1' };
}

/** Folders of the volumes, at the places where both containers mount them. */
function fill(folder: string, spec: Manifest, manifests: readonly Manifest[], api: SecretsApi): void {
  for (const { name, mountPath } of [...spec.initContainers, ...spec.containers].flatMap((one) => one.volumeMounts)) {
    const place = join(folder, mountPath);
    mkdirSync(place, { recursive: true });
    const volume = spec.volumes.find((one: Manifest) => one.name === name);
    if (volume.configMap !== undefined) {
      const { data } = manifests.find(({ kind }) => kind === 'ConfigMap');
      writeMap(place, data);
    }
    if (name !== 'account') continue;
    writeFileSync(join(place, 'token'), `${api.token}\n`);
    writeFileSync(join(place, 'ca.crt'), api.authority);
  }
}

/** As the kubelet does: files in a folder that can be replaced as a whole, and links to them. */
function writeMap(place: string, data: Readonly<Record<string, string>>): void {
  const folder = join(place, '..2026_11_21');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(data)) {
    writeFileSync(join(folder, name), text);
    try {
      symlinkSync(join('..2026_11_21', name), join(place, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** It reads what it is given on standard input, as a program may. */
function awsCli(folder: string, answers: Answers, calls: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, text] of Object.entries(answers)) writeFileSync(join(bin, `${name}.ecr-token.json`), text);
  const script = `#!/bin/sh
echo "$* fips=$AWS_USE_FIPS_ENDPOINT home=\${HOME#${folder}}" >>'${calls}'
cat >/dev/null
name="$4"
[ "$AWS_USE_FIPS_ENDPOINT" = true ] && name="$name-fips"
[ -f "${bin}/$name.ecr-token.json" ] || { echo 'An error occurred (AccessDeniedException)' >&2; exit 254; }
exec cat "${bin}/$name.ecr-token.json"
`;
  writeFileSync(join(bin, 'aws'), script);
  chmodSync(join(bin, 'aws'), 0o755);
  return bin;
}

function runContainer(folder: string, container: Manifest, more: Readonly<Record<string, string>>) {
  const mounts: readonly string[] = container.volumeMounts.map(({ mountPath }: Manifest) => mountPath);
  const within = (text: string) =>
    mounts.some((path) => text === path || text.startsWith(`${path}/`)) ? join(folder, text) : text;
  const values = container.env.map(({ name, value }: Manifest) => [name, within(value)]);
  const [program, ...args] = container.command.map(within);
  return new Promise<{ code: number; said: string }>((resolve, reject) => {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      env: { ...more, ...Object.fromEntries(values) },
      timeout: 20_000,
    });
    let said = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (piece) => (said += piece));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, said }));
  });
}
