/** Runs the command line's bundle on the Node that runs this: its version, and a copy of an image made here. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'sample-'));
const from = join(folder, 'from');
mkdirSync(join(from, 'blobs', 'sha256'), { recursive: true });

function blob(mediaType, text, annotations) {
  const hex = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(from, 'blobs', 'sha256', hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text), ...annotations };
}

function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['assets/cli/ecr-mirror.js', ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`ecr-mirror ${args[0]}: ended with ${status}: ${stdout}${stderr}`);
  return stdout.trim();
}

try {
  const config = blob('application/vnd.oci.image.config.v1+json', '{"architecture":"amd64","os":"linux"}');
  const layers = [blob('application/vnd.oci.image.layer.v1.tar', 'x'.repeat(100_000))];
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers });
  const root = blob(type, manifest, { annotations: { 'org.opencontainers.image.ref.name': 'one' } });
  writeFileSync(join(from, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(from, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));

  console.log(`ecr-mirror ${run('--version')} on Node ${process.version}`);
  const to = join(folder, 'to');
  run('copy', `oci:${from}:one`, `oci:${to}:one`);
  const copied = readFileSync(join(to, 'blobs', 'sha256', root.digest.slice('sha256:'.length)), 'utf8');
  if (copied !== manifest) throw new Error('the copied manifest is not the same');
  for (const bundle of ['assets/controller/index.js', 'assets/worker/worker.js']) {
    const { status, stderr } = spawnSync(process.execPath, ['--check', bundle], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${bundle}: ${stderr}`);
  }
  console.log('copied an image, and the controller and the worker parse');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
