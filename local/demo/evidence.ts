/** Chapter 8: what version 1 did, as one file that an auditor checks with nothing else. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistry } from '../stack/registry-session.ts';
import { runSluice } from '../stack/sluice-command.ts';
import { until } from '../tools/until.ts';
import { environment } from './facts.ts';
import { AUDITOR, type Scene, type } from './journey.ts';

const EVIDENCE_ARTEFACT = 'application/vnd.sluice.evidence.v1+tar';
const LONGEST_MS = 60_000;

export async function proveFirstVersion(scene: Scene, version: string, digest: string): Promise<void> {
  const { stage } = scene;
  stage.chapter('8  One file proves version 1 to whoever has nothing else');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-evidence-'));
  try {
    const [file, trust] = [join(folder, 'iam.evidence.tar'), join(folder, 'trust')];
    const exported = await type(scene, AUDITOR, ['evidence', 'export', 'iam', version, '--out', file]);
    stage.note(`  ${exported.stdout.trim().split('\n').slice(0, 3).join('\n  ')}`);
    stage.expect('an auditor exports it, with the right to read and no other', exported.code === 0, exported.stderr);
    const written = await type(scene, AUDITOR, ['evidence', 'trust', '--out', trust]);
    stage.expect('whose word counts is written down', written.code === 0, written.stderr);

    const verdict = await checkElsewhere(folder, file);
    for (const line of verdict.stdout.split('\n').filter((one) => /✓ (?:signature|approval|record)/.test(one)))
      stage.note(line);
    stage.expect(
      'it proves what it should, without engine, network and sluice.yaml',
      verdict.code === 0,
      verdict.stdout,
    );
    const people = ['grace (key', 'linus (key'].filter((one) => verdict.stdout.includes(one));
    stage.expect('by both who agreed', people.length === 2, verdict.stdout);
    const records = ['dev', 'staging', 'production'].filter((one) => verdict.stdout.includes(`by ${one} (key`));
    stage.expect('and by each environment’s own key', records.length === 3, verdict.stdout);

    const bytes = readFileSync(file);
    bytes[bytes.byteLength >> 1] = (bytes[bytes.byteLength >> 1] ?? 0) ^ 1;
    const other = join(folder, 'altered.tar');
    writeFileSync(other, bytes);
    const refused = await checkElsewhere(folder, other);
    stage.expect('one flipped bit, and it proves nothing any more', [2, 3].includes(refused.code), refused.code);
    const kept = await evidenceIn(scene, 'production', digest);
    stage.expect('and it is kept beside the image in production', kept > 0, kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In another folder, by somebody whose surroundings name neither Temporal nor a configuration. */
async function checkElsewhere(folder: string, file: string): ReturnType<typeof runSluice> {
  const desk = mkdtempSync(join(folder, 'desk-'));
  cpSync(join(folder, 'trust'), join(desk, 'trust'), { recursive: true });
  const env = { PATH: process.env['PATH'] ?? '', HOME: desk, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  return runSluice(['evidence', 'verify', file, '--trust', join(desk, 'trust/trust.yaml')], { env });
}

/** How many are listed; a release does not wait for it. */
async function evidenceIn({ stack }: Scene, name: string, digest: string): Promise<number> {
  const { registry } = environment(name);
  const session = await openRegistry(stack.emulator, { registry, host: AUDITOR, scope: 'repository:iam:pull' });
  try {
    return await until(
      async () => {
        const answer = await session.request(`/v2/iam/referrers/${digest}`);
        const { manifests } = (await answer.json()) as { manifests: readonly { readonly artifactType?: string }[] };
        return manifests.filter((one) => one.artifactType === EVIDENCE_ARTEFACT).length || undefined;
      },
      { what: `evidence beside the image in ${name}`, timeoutMs: LONGEST_MS },
    );
  } finally {
    await session.close();
  }
}
