/** What an environment remembers about the last promotion that ended well, kept inside the environment itself. */

export interface ReleaseRecords {
  /** The record's JSON as it was written; undefined: none. */
  read(namespace: string, service: string): Promise<string | undefined>;
  write(namespace: string, service: string, record: string): Promise<void>;
}
