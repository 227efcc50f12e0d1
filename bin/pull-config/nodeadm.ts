import { stringify } from 'yaml';
import { hostFiles, notesOf } from './containerd';
import { CREDENTIALS, type File, type Make } from './kind';
import { prefixesOf } from './prefix';

const FOLDER = '/etc/containerd/certs.d';
const BOUNDARY = 'ECR-MIRROR';

/**
 * User data of nodes on Amazon Linux 2023: a script that writes containerd's host files, and what nodeadm makes of the rest
 * (node.eks.aws/v1alpha1, `spec.containerd.config` is merged into containerd's own).
 */
export const nodeadm: Make = (places, options) => {
  const { prefixes, others } = prefixesOf(places, options.hosts);
  const files = hostFiles(prefixes, FOLDER, options);
  const config = `[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "${FOLDER}"\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "${FOLDER}"\n`;
  const node = { apiVersion: 'node.eks.aws/v1alpha1', kind: 'NodeConfig', spec: { containerd: { config } } };
  const parts = [
    part('text/x-shellscript; charset="us-ascii"', script(files)),
    part('application/node.eks.aws', stringify(node, { lineWidth: 0 })),
  ];
  const head = `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${BOUNDARY}"\n\n`;
  return {
    files: [{ path: 'user-data.txt', text: `${head}${parts.join('')}--${BOUNDARY}--\n` }],
    notes: [...notesOf(places, others), CREDENTIALS],
  };
};

function part(type: string, text: string): string {
  return `--${BOUNDARY}\nContent-Type: ${type}\n\n${text}\n`;
}

function script(files: readonly File[]): string {
  const writes = files.map(({ path, text }) => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    return `mkdir -p '${folder}'\ncat > '${path}' <<'ECR_MIRROR'\n${text}ECR_MIRROR`;
  });
  return `${['#!/bin/bash', 'set -euo pipefail', ...writes].join('\n')}\n`;
}
