/** What `advance` and `revert` share: the new text of the file, and its taking effect together with what is said to the engine. */
import type { ReleaseClient } from '../../client/index.ts';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { currentUser } from '../../config/load.ts';
import type { Problem } from '../../domain/error-code.ts';
import { changedLines, type Move, withMoves } from '../../migration/file/edit.ts';
import { prepare } from '../../migration/file/write.ts';
import type { MigratingService } from '../../migration/migration.ts';
import type { State } from '../../migration/states.ts';
import { withClient } from '../session.ts';
import { shownError } from '../shown-error.ts';
import type { Opened } from './opened.ts';

/** With it begins the reason of a hold that a revert has set: only such a one is lifted again by itself. */
export const HELD_BY_REVERT = 'back to legacy: ';

export interface Written {
  readonly file: string;
  /** As `diff -U0` shows them; empty: nothing changes. */
  readonly diff: readonly string[];
}

export interface Draft extends Written {
  readonly before: string;
  readonly after: string;
}

export async function draftOf(
  { migration, text }: Opened,
  moves: readonly { readonly service: MigratingService; readonly to: State }[],
  reason: string | undefined,
): Promise<Draft> {
  const by = await currentUser();
  const at = new Date().toISOString();
  const after = withMoves(
    text,
    moves.map(({ service, to }): Move => {
      const change = { at, by, from: service.state, to, ...(reason === undefined ? {} : { reason }) };
      return { service: service.name, change };
    }),
  );
  return { file: migration.file, before: text, after, diff: changedLines(text, after) };
}

export interface Place {
  readonly service: string;
  readonly environment: string;
}

/**
 * Says it in every place, then puts the file in its place. When one of them does not take it the file stays as it was, and the error says
 * where it was taken: saying it again is harmless.
 */
export async function takeEffect(
  { file, before, after }: Draft,
  places: readonly Place[],
  say: (client: ReleaseClient, place: Place) => Promise<string>,
): Promise<readonly string[]> {
  const prepared = prepare(file, before, after);
  try {
    const said = places.length === 0 ? [] : await withClient((client) => sayEverywhere(client, places, say));
    prepared.commit();
    return said;
  } catch (error) {
    prepared.discard();
    throw error;
  }
}

async function sayEverywhere(
  client: ReleaseClient,
  places: readonly Place[],
  say: (client: ReleaseClient, place: Place) => Promise<string>,
): Promise<readonly string[]> {
  const settled = await Promise.allSettled(places.map((place) => say(client, place)));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return settled.map((one) => (one.status === 'fulfilled' ? one.value : ''));
  const problems = settled.map((one, index): Problem => {
    const where = places[index]?.environment ?? '';
    if (one.status === 'fulfilled') return { where, message: `${one.value} (that stays so)` };
    const { code, message, remedy } = shownError(one.reason);
    return { where, message: `${code}: ${message}`, ...(remedy === undefined ? {} : { remedy }) };
  });
  const { code } = shownError(failed.reason);
  throw new ReleaseEngineError(code, problems.map((one) => `${one.where}: ${one.message}`).join('\n'), {
    problems,
    remedy: 'The file is as it was. Mend that, then say the same again.',
  });
}
