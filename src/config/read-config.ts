/** Text of `sluice.yaml` → {@link Config}, or every mistake in it at once. Reads only the files that it names. */
import { basename, dirname } from 'node:path';
import type { Problem } from '../domain/error-code.ts';
import { readApprovers } from './approver-files.ts';
import type { Config } from './config.ts';
import { ConfigError, inOrder } from './config-error.ts';
import { type SourceDocument, readDocument } from './document.ts';
import { readCalendars } from './gate-calendars.ts';
import { normalise } from './normalise.ts';
import { without } from './prune.ts';
import { RULES } from './rules/index.ts';
import type { Draft, Finding } from './rules/rule.ts';
import { problemsOfIssues } from './schema-problems.ts';
import { readRecordKeys } from './record-files.ts';
import type { ReadFolder, ReadText } from './reading.ts';
import { readTrust } from './trust-files.ts';
import { writtenConfig } from './written.ts';

export interface ConfigSource {
  readonly text: string;
  /** Absolute path: relative paths in the text are relative to its folder. */
  readonly file: string;
  /** What `${NAME}` may refer to. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly readText: ReadText;
  readonly readFolder: ReadFolder;
}

/** Throws {@link ConfigError} `config-invalid`. */
export function readConfig(source: ConfigSource): Config {
  const folder = dirname(source.file);
  const document = readDocument(source.text, basename(source.file), source.variables);
  if (!document.readable) throw new ConfigError('config-invalid', document.problems);

  const parsed = writtenConfig.safeParse(document.value);
  const shape = parsed.success ? [] : problemsOfIssues(parsed.error.issues, document);
  const draft = (without(
    document.value,
    shape.map((one) => one.path),
  ) ?? {}) as Draft;
  const { trust, revokedFile, findings } = readTrust(draft, { folder, ...source });
  const calendars = readCalendars(draft, folder, source.readText);
  const people = readApprovers(draft, folder, source.readText);
  const records = readRecordKeys(draft, folder, source.readText);
  const found = [
    ...RULES.flatMap((rule) => rule(draft)),
    ...findings,
    ...calendars.findings,
    ...people.findings,
    ...records.findings,
  ];
  const rules = found.map((finding) => problemOf(finding, document));

  const problems: readonly Problem[] = [...document.problems, ...shape.map(plain), ...rules, ...people.problems];
  if (problems.length > 0 || !parsed.success) throw new ConfigError('config-invalid', inOrder(problems));
  return normalise(parsed.data, source.file, folder, {
    trust,
    ...(revokedFile === undefined ? {} : { revokedFile }),
    calendars: calendars.calendars,
    approvers: people.approvers,
    records: records.keys,
  });
}

function problemOf(finding: Finding, document: SourceDocument): Problem {
  const where = finding.onKey === true ? document.whereKey(finding.path) : document.where(finding.path);
  return { where, message: finding.message, ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }) };
}

function plain({ where, message, remedy }: Problem): Problem {
  return { where, message, ...(remedy === undefined ? {} : { remedy }) };
}
