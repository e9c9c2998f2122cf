/** Whatever was thrown, as something that can be shown. */
import { type ErrorCode, type Problem, isErrorCode } from '../domain/error-code.ts';
import { ERROR_CATALOGUE } from './error-catalogue.ts';
import type { ShownError } from './render/error.ts';

/** Adapters and rooms have error classes of their own; they all carry a code, and some a list of problems. */
export function shownError(error: unknown): ShownError {
  if (!(error instanceof Error)) return { code: 'internal', message: String(error), problems: [] };
  const code = codeOf(error);
  const details = error as Partial<Record<'expected' | 'got' | 'remedy', unknown>> & { problems?: unknown };
  const remedy =
    text(details.remedy) ?? (problemsOf(details.problems).length > 0 ? undefined : ERROR_CATALOGUE[code].remedy);
  return {
    code,
    message: error.message,
    ...field('expected', text(details.expected)),
    ...field('got', text(details.got)),
    ...field('remedy', remedy),
    problems: problemsOf(details.problems),
  };
}

function codeOf(error: Error): ErrorCode {
  return 'code' in error && isErrorCode(error.code) ? error.code : 'internal';
}

function problemsOf(value: unknown): readonly Problem[] {
  return Array.isArray(value) ? (value as readonly Problem[]) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function field<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });
}
