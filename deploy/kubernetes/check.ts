/** `kubectl kustomize OVERLAY | node deploy/kubernetes/check.ts [--json]`: exit code 1 when something is wrong, with all of it. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Problem, problemsOf } from './problems.ts';

const documents = parseAllDocuments(readFileSync(0, 'utf8'));
const broken = documents.flatMap((one) => ('errors' in one ? one.errors : []));
const unreadable: readonly Problem[] = broken.map(({ message }) => ({
  where: 'input',
  message,
  remedy: 'give it what "kubectl kustomize" prints',
}));
const things = broken.length > 0 ? [] : documents.map((one) => one.toJS()).filter((one) => one !== null);
const problems = broken.length > 0 ? unreadable : problemsOf(things);

if (process.argv.includes('--json')) console.log(JSON.stringify({ objects: things.length, problems }, null, 2));
else if (problems.length === 0) console.log(`${things.length} objects, nothing wrong`);
else for (const { where, message, remedy } of problems) console.error(`${where}: ${message}\n  → ${remedy}`);
process.exitCode = problems.length === 0 ? 0 : 1;
