/** What an environment remembers of its promotions, kept inside the environment itself: out of reach of whoever talks to the engine. */

export interface ReleaseRecords {
  /** The JSON about the last promotion that ended well, as it was written; undefined: none. */
  read(namespace: string, service: string): Promise<string | undefined>;
  write(namespace: string, service: string, record: string): Promise<void>;
  /** The JSON about the promotion that was let in last, whether or not it has ended; undefined: none ever was. */
  readAdmission(namespace: string, service: string): Promise<string | undefined>;
  writeAdmission(namespace: string, service: string, admission: string): Promise<void>;
}
