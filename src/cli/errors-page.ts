/** `docs/errors.md`, from the catalogue. */
import { ERROR_CODES, type ErrorCode } from '../domain/error-code.ts';
import { ERROR_CATALOGUE } from './error-catalogue.ts';
import { CONFIG_MISTAKES, type ConfigMistake, NO_ERRORS } from './errors/config-mistakes.ts';
import { EXIT, exitOfError } from './exit-codes.ts';

const INTRODUCTION = `# Errors

<!-- Generated from src/cli/errors/ by "node src/cli/print-errors.ts": change it there. -->

Every "no" and every failure carries one of these codes: in the command line's answer, in \`--json\`, as the type of a
failure in the history of a workflow, in the status of a promotion. Codes are never renamed.

Some are reasons of a refusal, some of a step that needs attention, some never leave the command line. A refusal is a
result: the release ends with it. What can be repaired is retried, or waits for a person. The exit codes below are those of a
command that fails with the code; one that shows how a release ended exits with its outcome.
`;

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; with `--wait`: released; with `--observe`: would be released, at once or after waiting',
  usage: 'wrong arguments, configuration, manifests or names',
  refused: 'a release or an answer was refused',
  rolledBack: 'the release was rolled back',
  aborted: 'the release was aborted',
  superseded: 'a newer release took its place',
  waiting: 'the release goes on, but the time to wait for it is over',
  unreachable: 'Temporal, a worker, a registry or a cluster does not answer or refuses the identity',
  notFound: 'there is no such release or image',
  unwell:
    '`doctor` found something that needs repair, `audit` a gap, a guardian something that is not as it was left, or `start --observe` what a release would stand still for',
  failed: 'a step failed for another reason',
  internal: 'a defect of Sluice',
  interrupted: 'Ctrl-C, or a cancelled job; the release goes on unless it was to be aborted then',
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
    '## Mistakes in sluice.yaml\n',
    'Each has the code `config-invalid` (exit code 2), and stands in the answer with its line.\n',
    ...CONFIG_MISTAKES.map(mistake),
    '## No errors\n',
    ...NO_ERRORS.map(({ title, happens }) => `### ${title}\n\n${happens}\n`),
  ].join('\n');
}

function mistake({ title, example, says, why, remedy }: ConfigMistake): string {
  return `### ${title}\n\n\`${example}\`: "… ${says} …". ${why}\n\n**Do:** ${remedy}\n`;
}

function entry(code: ErrorCode): string {
  const { cause, remedy } = ERROR_CATALOGUE[code];
  return `### ${code}\n\n${cause}\n\n**Do:** ${remedy} Exit code ${exitOfError(code)}.\n`;
}
