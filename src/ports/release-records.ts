/** What an environment remembers of a service, kept inside the environment itself: out of reach of whoever talks to the engine. */

/**
 * `record`: the last promotion that ended well. `admission`: the promotion that was let in last, whether or not it has ended.
 * `restraints`: stops and holds. `history`: what ran well here before, newest first. `sightings`: when signed answers arrived.
 */
export const REMEMBERED = ['record', 'admission', 'restraints', 'history', 'sightings'] as const;
export type Remembered = (typeof REMEMBERED)[number];

/** May be asked several times; the last answer counts. */
export type Decide = (known: string | undefined) => string | undefined;

export interface ReleaseRecords {
  /** The JSON as it was written last; undefined: nothing ever was. */
  read(about: Remembered, namespace: string, service: string): Promise<string | undefined>;
  write(about: Remembered, namespace: string, service: string, json: string): Promise<void>;
  /**
   * Reads, decides and writes as one: when somebody else has written in between, it reads again and decides again, so that nobody's
   * word is overwritten unread. What is decided is undefined where nothing is to be written; what `decide` throws is thrown.
   */
  change(about: Remembered, namespace: string, service: string, decide: Decide): Promise<void>;
}
