/** `npm run parameters -- FILE [--json]`: reads a parameter file, says all that is wrong with it, or what would be made. Asks nothing of Azure. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { preview } from '../preview.ts';
import { faultsOf } from '../rules/all.ts';
import { ParameterError, readParameters } from './read.ts';

const USAGE = 'usage: npm run parameters -- parameters.yaml [--json]';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [file, ...more] = positionals;
  if (values.help === true || file === undefined || more.length > 0) {
    console.error(USAGE);
    return values.help === true ? 0 : 2;
  }
  const { resources } = await preview(readParameters(file, readFileSync(file, 'utf8')));
  const faults = faultsOf(resources);
  if (values.json === true) console.log(JSON.stringify({ resources, faults }, null, 2));
  else
    for (const { type, name } of resources.toSorted(
      (a, b) => a.type.localeCompare(b.type) || a.name.localeCompare(b.name),
    ))
      console.log(`${type.padEnd(60)} ${name}`);
  for (const { rule, resource, says } of faults) console.error(`${rule}: ${resource}: ${says}`);
  console.error(
    `${resources.length} resources, ${faults.length} faults; next: pulumi preview --policy-pack policy-pack`,
  );
  return faults.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ParameterError) && !(error instanceof Error && 'code' in error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
