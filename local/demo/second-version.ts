/**
 * Chapters 4 and 5: version 2 is well in dev and ill in staging, which goes back to version 1; and on the way there the
 * worker dies in the middle of the import.
 */
import { until } from '../tools/until.ts';
import { effectsAbout, importsOf, runningDigests } from './facts.ts';
import { follow, PIPELINE, type Scene, type } from './journey.ts';

/** How long staging's registry takes to copy version 2: long enough to be in the middle of it. */
const IMPORT_MS = 4000;
const IMPORT_BEGINS_MS = 60_000;

export async function rollBackSecondVersion(scene: Scene, firstDigest: string): Promise<string> {
  const { stack, stage, signal } = scene;
  stage.chapter('4  Version 2 is well in dev and ill in staging');
  const { version, image } = await stack.push('v2');
  const match = { registry: 'onestreamstaging' };
  stack.emulator.faults.set({ fault: 'import-slow', durationMs: IMPORT_MS, match, times: 1 });
  const started = await type(scene, PIPELINE, ['start', 'iam', version]);
  stage.expect('the release is started', started.code === 0, started.stderr || started.stdout);

  const killing = killDuringImport(scene, image.digest);
  killing.catch(() => undefined); // awaited below, after what the audience sees first
  const ended = await follow(scene, version).toTheEnd();
  await killing;
  signal.throwIfAborted();

  const staging = ended.release.legs[1]?.outcome;
  stage.expect('dev has it', (await runningDigests(stack, 'dev')).join() === image.digest, 'another digest');
  stage.expect('staging’s promotion ends as rolled-back', staging?.kind === 'rolled-back', staging?.reason);
  stage.expect('… because of its health', staging?.refusal?.code === 'health-failed', staging?.refusal?.code);
  stage.expect(
    'the release ends as rolled-back',
    ended.release.outcome?.kind === 'rolled-back',
    ended.release.outcome?.reason,
  );
  const running = await runningDigests(stack, 'staging');
  stage.expect('staging runs version 1 again, by digest', running.join() === firstDigest, running);
  const beyond = effectsAbout(stack, 'production', image.digest);
  stage.expect(
    'production’s registry never heard of version 2',
    beyond.length === 0,
    beyond.map((one) => one.effect),
  );
  stage.expect(
    'production was never entered',
    ended.release.legs[2]?.state === 'pending',
    ended.release.legs[2]?.state,
  );
  stage.expect(
    'production runs version 1',
    (await runningDigests(stack, 'production')).join() === firstDigest,
    'another',
  );
  const imports = importsOf(stack, 'staging', image.digest).length;
  stage.expect('in spite of the kill staging’s registry has accepted one import', imports === 1, imports);
  return version;
}

/** In the middle: the registry has accepted the import and the worker is waiting for its end. */
async function killDuringImport({ stack, stage, signal }: Scene, digest: string): Promise<void> {
  const worker = stack.workers.nonproduction;
  await until(() => importsOf(stack, 'staging', digest).length > 0, {
    what: 'the import of version 2 into staging',
    timeoutMs: IMPORT_BEGINS_MS,
    everyMs: 20,
    signal,
  });
  await new Promise((resolve) => setTimeout(resolve, IMPORT_MS / 4));
  const isUnderWay = !effectsAbout(stack, 'staging', digest).some((one) => one.effect === 'import-completed');
  const { pid } = worker;
  await worker.kill();
  stage.chapter('5  In the middle of the import the worker is killed');
  stage.note(`SIGKILL to process ${pid}, which ran the workflows and held dev’s and staging’s credentials`);
  stage.expect('the import was under way', isUnderWay, 'it was over');
  const began = performance.now();
  await worker.start();
  stage.line(
    '',
    'worker',
    `started again as process ${worker.pid}; by its name it goes on at once with what it was doing`,
    performance.now() - began,
  );
}
