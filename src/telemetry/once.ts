/**
 * What was told already. A task that Temporal has not taken, because something came in meanwhile, is run once more and tells the same again;
 * only another process can not know that, and what it sends has the same ids.
 */

/** As many as end within minutes on a busy worker; a task is run again within seconds. */
const MOST = 20_000;

/** True for a key that was not seen among the latest {@link MOST}. */
export function createOnce(most = MOST): (key: string) => boolean {
  const seen = new Set<string>();
  return (key) => {
    if (seen.has(key)) return false;
    seen.add(key);
    const [oldest] = seen;
    if (seen.size > most && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
