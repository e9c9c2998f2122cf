/** Where every service stands, for people and for pipelines. Changes nothing. */
import { formatProblem } from '../../config/config-error.ts';
import { overview, type ServiceView, type WaveView } from '../../migration/overview.ts';
import { isAtLeast, type State } from '../../migration/states.ts';
import { EXIT, type ExitCode, worstExit } from '../exit-codes.ts';
import { gatherFacts } from './gather.ts';
import { assertWave, type Opened } from './opened.ts';

export interface MigrationStatus {
  readonly file: string;
  readonly waves: readonly WaveView[];
  /** Services of sluice.yaml that are in no wave. */
  readonly warnings: readonly string[];
}

/** Throws `input-invalid` for a wave that is none. */
export async function statusOf(opened: Opened, wave: string | undefined): Promise<MigrationStatus> {
  const { migration, warnings } = opened;
  if (wave !== undefined) assertWave(migration, wave);
  const asked = migration.services.filter((one) => wave === undefined || one.wave === wave);
  const factsOf = await gatherFacts(opened, asked);
  const waves = overview(migration, factsOf, Date.now()).filter((one) => wave === undefined || one.wave === wave);
  return { file: migration.file, waves, warnings: warnings.map(formatProblem) };
}

/** 10: a state promises what is not so; 8: that could not be found out; 7: something is not as far as it is to be. */
export function exitOfStatus({ waves }: MigrationStatus, atLeast: State | undefined): ExitCode {
  const services = waves.flatMap((one) => one.services);
  return worstExit(services.map((one) => exitOfService(one, atLeast)));
}

function exitOfService({ state, broken }: ServiceView, atLeast: State | undefined): ExitCode {
  if (broken.some(({ answer }) => answer === 'unmet')) return EXIT.unwell;
  if (broken.length > 0) return EXIT.unreachable;
  return atLeast === undefined || isAtLeast(state, atLeast) ? EXIT.ok : EXIT.waiting;
}
