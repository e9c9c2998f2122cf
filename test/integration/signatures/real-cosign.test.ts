import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXAMPLES, EXAMPLE_KEYS, readExample } from '../../../examples/images.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../../src/domain/proof.ts';
import { createCosignSignatures } from '../../../src/adapters/signatures/cosign/cosign-signatures.ts';
import { createTestRegistry } from '../../ports/signatures/test-registry.ts';
import { type ExampleRegistry, startExampleRegistry } from '../examples/example-registry.ts';

const run = promisify(execFile);
const cosign = toolPath('cosign');
const skip = cosign !== undefined || process.env['CI'] ? false : 'cosign is not installed: npm run setup';
const FORMS = ['bundle', 'legacy'] as const;

describe('when the real cosign and Sluice judge the same signatures', { skip }, () => {
  let registry: ExampleRegistry;
  before(async () => {
    registry = await startExampleRegistry();
  });
  after(() => registry.close());

  /** Whether cosign accepts the image by this key, in this form. */
  async function cosignAccepts(
    name: (typeof EXAMPLES)[number],
    key: URL,
    form: (typeof FORMS)[number],
  ): Promise<boolean> {
    const image = `${registry.host}/iam@${readExample(name).image.digest}`;
    const args = [
      'verify',
      '--key',
      fileURLToPath(key),
      '--insecure-ignore-tlog',
      `--new-bundle-format=${form === 'bundle'}`,
      image,
    ];
    try {
      await run(cosign ?? 'cosign', args, { env: registry.env, timeout: 60_000 });
      return true;
    } catch (error) {
      const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
      assert.equal(typeof code, 'number', String(error));
      assert.match(stderr, /no (matching )?signatures|no signatures found|failed to verify|invalid signature/i);
      return false;
    }
  }

  async function sluiceAccepts(
    name: (typeof EXAMPLES)[number],
    key: URL,
    form: (typeof FORMS)[number],
  ): Promise<boolean> {
    const { image, signatures, blobs } = readExample(name);
    const memory = createTestRegistry();
    const kept = signatures.filter(({ tag }) => (form === 'legacy') === (tag !== undefined));
    for (const { bytes, tag } of [image, ...kept]) {
      memory.push({ manifest: bytes, blobs: blobs.map((one) => one.bytes), ...(tag === undefined ? {} : { tag }) });
    }
    const verifier = createCosignSignatures({
      [COMMON_SIGNER]: [{ kind: 'key', file: 'key.pub', pem: readFileSync(key, 'utf8') }],
    });
    return (
      (await verifier.verify(memory.reader, { repository: 'iam', digest: image.digest }, COMMON_SIGNATURES)).kind ===
      'verified'
    );
  }

  for (const form of FORMS) {
    for (const name of EXAMPLES) {
      for (const [owner, key] of Object.entries(EXAMPLE_KEYS)) {
        const expected = { v1: 'trusted', v2: 'trusted', foreign: 'foreign', unsigned: 'nobody' }[name] === owner;
        test(`${name}, ${form}, ${owner} key: both say ${expected ? 'yes' : 'no'}`, async () => {
          assert.equal(await cosignAccepts(name, key, form), expected, 'cosign');
          assert.equal(await sluiceAccepts(name, key, form), expected, 'Sluice');
        });
      }
    }
  }
});
