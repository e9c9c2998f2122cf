/** Building manifests for tests. */
import type { ManifestFile } from '../../../src/manifests/manifest-file.ts';

export function file(path: string, text: string): ManifestFile {
  return { path, bytes: Buffer.from(text) };
}

export const DIGEST = `sha256:${'ab'.repeat(32)}`;
export const OTHER_DIGEST = `sha256:${'cd'.repeat(32)}`;

export interface DeploymentParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  /** Further YAML of the pod's spec, indented by six. */
  readonly pod?: string;
}

/** A small Deployment; its image stands in line 11, or 12 with a namespace. */
export function deployment({ name = 'iam', namespace, image = 'iam', pod = '' }: DeploymentParts = {}): string {
  const stated = namespace === undefined ? '' : `  namespace: ${namespace}\n`;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
${stated}spec:
  template:
    spec:
      containers:
        - name: main

          image: ${image}
${pod}`;
}
