/** Statuses of pods that fail, as a kubelet of 1.36 with containerd wrote them (shorter pauses). */
import type { PodScript } from './scripted-kubelet.ts';

const NOT_FOUND =
  'rpc error: code = NotFound desc = failed to pull and unpack image "registry.local/iam": failed to resolve reference: not found';

/** Alternates between the attempt and the pause after it. */
export const DENIED_PULL: PodScript = {
  repeat: true,
  steps: [
    { state: { waiting: { reason: 'ErrImagePull', message: NOT_FOUND } }, forMs: 100 },
    {
      state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image: ErrImagePull: ${NOT_FOUND}` } },
      forMs: 100,
    },
  ],
};

const ENDED = {
  terminated: { exitCode: 1, reason: 'Error', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z' },
};
const RUNNING = { running: { startedAt: '2026-01-01T00:00:00Z' } };

/** Without a readiness probe each run looks ready for a moment. */
export const CRASHING: PodScript = {
  steps: [
    { state: RUNNING, forMs: 50 },
    { state: ENDED, forMs: 50 },
    { state: RUNNING, restarts: 1, last: ENDED, forMs: 50 },
    {
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=main' } },
      restarts: 1,
      last: ENDED,
    },
  ],
};
