/** Every code with its cause and its remedy: the source of docs/errors.md, and what the command line says when the error itself does not. */
import type { ErrorCode } from '../domain/error-code.ts';
import { CLUSTER_ERRORS } from './errors/cluster.ts';
import { EVIDENCE_ERRORS } from './errors/evidence.ts';
import { GATE_ERRORS } from './errors/gates.ts';
import { INPUT_ERRORS } from './errors/input.ts';
import { REGISTRY_ERRORS } from './errors/registry.ts';
import { ENGINE_ERRORS } from './errors/engine.ts';
import { NOTIFICATION_ERRORS } from './errors/notifications.ts';
import { STATEMENT_ERRORS } from './errors/statements.ts';
import { TRUST_ERRORS } from './errors/trust.ts';
import { VERSION_ERRORS } from './errors/versions.ts';

export interface CatalogueEntry {
  readonly cause: string;
  /** What a person does next, in the imperative. */
  readonly remedy: string;
}

/** The compiler refuses a catalogue that lacks a code or has one too many. */
export const ERROR_CATALOGUE: Readonly<Record<ErrorCode, CatalogueEntry>> = {
  ...INPUT_ERRORS,
  ...VERSION_ERRORS,
  ...TRUST_ERRORS,
  ...STATEMENT_ERRORS,
  ...GATE_ERRORS,
  ...REGISTRY_ERRORS,
  ...CLUSTER_ERRORS,
  ...EVIDENCE_ERRORS,
  ...NOTIFICATION_ERRORS,
  ...ENGINE_ERRORS,
};
