/** `docs/errors.md`, from the catalogue. */
import { ERROR_CODES, type ErrorCode } from '../domain/error-code.ts';
import { ERROR_CATALOGUE } from './error-catalogue.ts';
import { EXIT, exitOfError } from './exit-codes.ts';

const INTRODUCTION = `# Errors

<!-- Generated from src/cli/errors/ by "node src/cli/print-errors.ts": change it there. -->

Every "no" and every failure carries one of these codes: in the command line's answer, in \`--json\`, as the type of a
failure in the history of a workflow, in the status of a promotion. Codes are never renamed.

Some are reasons of a refusal, some of a step that needs attention, some never leave the command line. A refusal is a
result: the release ends with it. What can be repaired is retried, or waits for a person.
`;

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; with `--wait`: released',
  usage: 'wrong arguments, configuration, manifests or names',
  refused: 'a release or an answer was refused',
  rolledBack: 'the release was rolled back',
  aborted: 'the release was aborted',
  superseded: 'a newer release took its place',
  waiting: 'the release goes on, but the time to wait for it is over',
  unreachable: 'Temporal, a worker, a registry or a cluster does not answer or refuses the identity',
  notFound: 'there is no such release or image',
  unwell: '`doctor` found something that needs repair',
  failed: 'a step failed for another reason',
  internal: 'a defect of Sluice',
  interrupted: 'Ctrl-C; the release goes on',
};

export function errorsPage(): string {
  const exits = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${MEANING[name as keyof typeof EXIT]} |`);
  return [
    INTRODUCTION,
    '## Exit codes\n',
    '| code | meaning |\n| --- | --- |',
    `${exits.join('\n')}\n`,
    '## Codes\n',
    ...ERROR_CODES.map(entry),
  ].join('\n');
}

function entry(code: ErrorCode): string {
  const { cause, remedy } = ERROR_CATALOGUE[code];
  return `### ${code}\n\n${cause}\n\n**Do:** ${remedy} Exit code ${exitOfError(code)}.\n`;
}
