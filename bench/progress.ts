/** A line now and then, so that whoever watches knows that it goes on. */

const EVERY_MS = 5_000;

/** Prints what it is told, at most every five seconds. */
export function progress(name: string): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < EVERY_MS) return;
    last = performance.now();
    console.log(`  ${name}: ${line}`);
  };
}
