/** The steps of a promotion after it was agreed upon: what each does, what its "no" means, and how it is undone. */
import { healthLimits, importLimits, rollOutLimits } from './activity-options.ts';
import type { Step } from './perform.ts';
import { planned, type PromotionRun, stepRequest, type UndoPart } from './run.ts';

export const VERIFY_SOURCE: Step = {
  name: 'verify-source',
  no: 'refuse',
  act: (run, summary) =>
    run.hands.verifySignatures.executeWithOptions({ summary }, [{ ...stepRequest(run), at: 'source' }]),
};

const REMOVE_COPY: UndoPart = {
  does: 'remove the copy from the registry, unless it was there before',
  act: (run) =>
    run.hands.removeImage.executeWithOptions({ summary: 'undo: remove the copy', ...importLimits(run.input.timing) }, [
      stepRequest(run),
    ]),
};

const UNLOCK: UndoPart = {
  does: 'unlock the image, unless it was locked before',
  act: (run) => run.hands.unlockImage.executeWithOptions({ summary: 'undo: unlock the image' }, [stepRequest(run)]),
};

/** Put back, wait for it, prove it, ask it: the way back ends with the same proof as the way there. */
const PUT_BACK: readonly UndoPart[] = [
  {
    does: 'put back the previous manifests and digest',
    act: (run) =>
      run.hands.restoreManifests.executeWithOptions({ summary: 'undo: previous manifests and digest' }, [
        stepRequest(run),
      ]),
  },
  {
    does: 'wait until the previous version is rolled out',
    act: (run) => rollOut(run, 'previous', 'undo: roll out the previous version'),
  },
  {
    does: 'prove that the previous digest runs',
    act: (run) => proveRunning(run, 'previous', 'undo: prove the previous digest'),
  },
  {
    does: 'ask the previous version whether it is well',
    act: (run) => checkHealth(run, 'previous', 'undo: ask the previous version'),
  },
];

export const JOURNEY: readonly Step[] = [
  {
    name: 'import',
    no: 'refuse',
    undo: [REMOVE_COPY],
    act: (run, summary) =>
      run.hands.importImage.executeWithOptions({ summary, ...importLimits(run.input.timing) }, [stepRequest(run)]),
  },
  {
    name: 'verify-digest',
    no: 'refuse',
    act: (run, summary) => run.hands.verifyDigest.executeWithOptions({ summary }, [stepRequest(run)]),
  },
  {
    name: 'copy-signatures',
    no: 'refuse',
    act: (run, summary) =>
      run.hands.copySignatures.executeWithOptions({ summary, ...importLimits(run.input.timing) }, [stepRequest(run)]),
  },
  {
    name: 'verify-destination',
    no: 'refuse',
    act: (run, summary) =>
      run.hands.verifySignatures.executeWithOptions({ summary }, [{ ...stepRequest(run), at: 'destination' }]),
  },
  {
    name: 'pullable',
    no: 'ask',
    act: (run, summary) => run.hands.checkPullable.executeWithOptions({ summary }, [stepRequest(run)]),
  },
  {
    name: 'lock-image',
    no: 'ask',
    undo: [UNLOCK],
    act: (run, summary) => run.hands.lockImage.executeWithOptions({ summary }, [stepRequest(run)]),
  },
  {
    name: 'apply-manifests',
    no: 'refuse',
    undo: PUT_BACK,
    act: (run, summary) => run.hands.applyManifests.executeWithOptions({ summary }, [stepRequest(run)]),
  },
  { name: 'roll-out', no: 'roll-back', act: (run, summary) => rollOut(run, 'new', summary) },
  { name: 'prove-running', no: 'roll-back', act: (run, summary) => proveRunning(run, 'new', summary) },
  { name: 'health', no: 'roll-back', act: (run, summary) => checkHealth(run, 'new', summary) },
  {
    name: 'record',
    no: 'ask',
    act: (run, summary) =>
      run.hands.recordPromotion.executeWithOptions({ summary }, [{ ...stepRequest(run), steps: run.status.steps }]),
  },
];

type Which = 'new' | 'previous';

function rollOut(run: PromotionRun, to: Which, summary: string): ReturnType<Step['act']> {
  const limits = rollOutLimits(run.input.timing, planned(run).plan.rollOutTimeoutMs);
  return run.hands.rollOut.executeWithOptions({ summary, ...limits }, [{ ...stepRequest(run), to }]);
}

function proveRunning(run: PromotionRun, to: Which, summary: string): ReturnType<Step['act']> {
  return run.hands.proveRunning.executeWithOptions({ summary }, [{ ...stepRequest(run), to }]);
}

function checkHealth(run: PromotionRun, to: Which, summary: string): ReturnType<Step['act']> {
  const limits = healthLimits(run.input.timing, planned(run).plan.health);
  return run.hands.checkHealth.executeWithOptions({ summary, ...limits }, [{ ...stepRequest(run), to }]);
}
