/** The keys with which environments sign their records, where they are on this machine. */
import type { Config } from '../../config/config.ts';
import { shownError } from '../shown-error.ts';
import { localRecordSigner } from '../wire.ts';
import { type Finding, finding, notTried, well } from './finding.ts';

const SAMPLE = Buffer.from('sluice doctor');

export async function examineRecords(config: Config, environment: string): Promise<readonly Finding[]> {
  const about = `records of ${environment}`;
  const { recordKey } = config.environments[environment] ?? {};
  if (recordKey === undefined) return [];
  const signs = async (): Promise<Finding> => {
    const signer = await localRecordSigner(config, environment);
    if (signer === undefined) return notTried(about, 'the key is not here; only its workers need it');
    try {
      await signer.sign(SAMPLE);
    } catch (error) {
      if (recordKey.kind !== 'vault' || !/^40[13]\b/.test(shownError(error).got ?? '')) throw error;
      return notTried(about, 'you may not sign with the key in the vault, only its workers need to');
    }
    return well(about, 'the key signs, and records.publicKey is its other half');
  };
  return [await finding(about, signs)];
}
