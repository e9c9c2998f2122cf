/**
 * The nodes as a process of their own: `node local/nodes/main.ts OPTIONS.json [--exit-with-stdin]`, where the file holds
 * {@link NodesOptions} without `report`. Prints one JSON line when ready; ends on SIGTERM, SIGINT, or with its standard input.
 */
import { readFileSync } from 'node:fs';
import { startNodes, type NodesOptions } from './index.ts';

const [file, ...flags] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: main.ts OPTIONS.json [--exit-with-stdin]');
  process.exit(2);
}
const nodes = await startNodes(JSON.parse(readFileSync(file, 'utf8')) as NodesOptions);
console.log(JSON.stringify({ ready: true, name: nodes.name, pid: process.pid }));

let closing: Promise<void> | undefined;
function close(): void {
  closing ??= nodes.close().then(() => process.exit(0));
}
process.on('SIGTERM', close);
process.on('SIGINT', close);
if (flags.includes('--exit-with-stdin')) process.stdin.on('end', close).resume();
