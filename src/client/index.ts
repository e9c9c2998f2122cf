/** The door of the library. */
export { connect, type ReleaseClient } from './release-client.ts';
export type { ConnectOptions } from './connect.ts';
export type { ReleaseKey } from './engine.ts';
export { ReleaseEngineError } from './release-engine-error.ts';
export type { StartRequest, StartedRelease } from './start-release.ts';
export type { ReleaseView, RestraintThere, Retrying, RollbackRun } from './status.ts';
export { isMoving, type WatchOptions } from './watch.ts';
export type { RollbackView } from './roll-back.ts';
export { type EnvironmentView, isUntouched } from './environments.ts';
export { type WatchEvent, formatRetrying } from './watch-events.ts';
export type { ListRequest, ListedRelease, PageRequest, ReleasePage } from './list.ts';
export { BOARD_SHOWS, type BoardPlace, type BoardRequest, type HealthSeen, leftOut } from './board.ts';
export type { DeskReport } from './desks.ts';
export { desksOn, withDesks } from './desk-places.ts';
export { type AnswerRequest, type GivenAnswer, type Signer, goodForMs } from './answers.ts';
export { keySigner, type KeySignerOptions } from './key-signer.ts';
export type { GivenOverride, OverrideRequest } from './overrides.ts';
export { type EngineReport, inspectEngine } from './inspect.ts';
