/** One thing that was looked at. */
import { shownError } from '../shown-error.ts';

export interface Finding {
  readonly about: string;
  /** `doubtful`: allowed, and perhaps not what is meant. */
  readonly state: 'well' | 'doubtful' | 'unwell' | 'not-tried';
  readonly detail: string;
  readonly remedy?: string;
}

export function well(about: string, detail: string): Finding {
  return { about, state: 'well', detail };
}

export function unwell(about: string, detail: string, remedy?: string): Finding {
  return { about, state: 'unwell', detail, ...(remedy === undefined ? {} : { remedy }) };
}

export function doubtful(about: string, detail: string, remedy: string): Finding {
  return { about, state: 'doubtful', detail, remedy };
}

export function notTried(about: string, detail: string, remedy?: string): Finding {
  return { about, state: 'not-tried', detail, ...(remedy === undefined ? {} : { remedy }) };
}

/** What sends people to the doctor sends nobody away from it. */
const SENT_HERE = /; "sluice doctor" looks closer\.?$/;

const PATIENCE_MS = 15_000;

/** Runs one check; what it throws, or that it does not end, is a finding too. */
export async function finding(about: string, check: () => Promise<Finding>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(unwell(about, `no answer within ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    const { code, message, remedy } = shownError(error);
    return unwell(about, `${message} (${code})`, remedy?.replace(SENT_HERE, ''));
  } finally {
    clearTimeout(timer);
  }
}
