/** The local stack of one measurement: opened, with nobody who is asked in production, and gone with its folder afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Example } from '../../examples/images.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack/start-stack.ts';
import { type Tool, toolPath } from '../../local/tools/tool-path.ts';
import { releaseStatusQuery } from '../../src/contract/release-workflow.ts';
import { evidenceId, releaseId } from '../../src/contract/workflow-ids.ts';
import { withoutApprovals } from './promotion.ts';

export interface OpenedStack {
  readonly stack: Stack;
  /** Goes with it. */
  readonly folder: string;
  readonly client: Client;
}

/** Whether all of the programs are there; says which are not, and how to get them. */
export function hasTools(measurement: string, tools: readonly Tool[], setup: string): boolean {
  const missing = tools.filter((tool) => toolPath(tool) === undefined);
  if (missing.length > 0) console.error(`${measurement}: skipped, ${missing.join(', ')} not installed (${setup})`);
  return missing.length === 0;
}

export async function withStack<Result>(
  measurement: string,
  options: Pick<StackOptions, 'cluster' | 'emulator'>,
  work: (opened: OpenedStack) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${measurement}-`));
  const stack = await startStack({ dir: join(folder, 'stack'), ports: 'free', workers: [], ...options });
  let connection: Connection | undefined;
  try {
    withoutApprovals(stack.configFile);
    await Promise.all([stack.workers.nonproduction.start(), stack.workers.production.start()]);
    connection = await Connection.connect({ address: stack.temporal.address });
    const client = new Client({ connection, namespace: stack.temporal.namespace });
    return await work({ stack, folder, client });
  } finally {
    await connection?.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What stands in staging, ready for production. */
export interface Staged {
  readonly version: string;
  readonly image: Example['image'];
  /** Digest of its manifests. */
  readonly manifests: string;
}

/** `before`: what is done between the push and the release. */
export async function releaseToStaging(
  { stack, client }: OpenedStack,
  before: (image: Example['image']) => Promise<void> = async () => undefined,
): Promise<Staged> {
  const { version, image } = await stack.push('v1');
  await before(image);
  const arrived = await stack.sluice(['start', 'iam', version, '--until', 'staging', '--wait'], { user: 'bench' });
  if (arrived.code !== 0) throw new Error(`no release to staging: ${arrived.stderr}`);
  // its evidence is kept beside the image by a workflow of its own: what is there must not change between two that copy it
  await client.workflow.getHandle(evidenceId('iam', version)).result();
  const { manifests } = await client.workflow.getHandle(releaseId('iam', version)).query(releaseStatusQuery);
  return { version, image, manifests };
}
