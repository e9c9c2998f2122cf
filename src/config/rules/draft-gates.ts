/** Gates of a configuration that may have mistakes: any part may be missing. */
import { isRecord } from '../../content/json-object.ts';
import type { Path } from '../document.ts';
import { type Draft, environmentsOf } from './rule.ts';

/** Every field of every kind; those of other kinds are not there. */
export interface DraftGate {
  readonly soak?: { readonly in?: string };
  readonly freeze?: {
    readonly calendar?: string;
    readonly zone?: string;
    readonly days?: string;
    readonly from?: string;
    readonly to?: string;
    readonly start?: string;
    readonly end?: string;
    readonly services?: readonly (string | undefined)[];
  };
  readonly hours?: { readonly zone?: string; readonly from?: string; readonly to?: string };
  readonly ticket?: { readonly pattern?: string };
  readonly expression?: { readonly cel?: string };
  readonly external?: {
    readonly url?: string;
    readonly secretFrom?: { readonly variable?: string };
    readonly timeout?: string;
  };
}

export interface PlacedGate {
  readonly environment: string;
  readonly index: number;
  /** `environments.production.gates[0]`. */
  readonly path: Path;
  readonly kind: string;
  readonly name: string | undefined;
  /** Groups that may pass it. */
  readonly override: readonly string[];
  readonly gate: DraftGate;
}

export function gatesOf(draft: Draft): readonly PlacedGate[] {
  return environmentsOf(draft).flatMap(([environment, rules]) => {
    const gates: unknown = rules.gates;
    if (!Array.isArray(gates)) return [];
    return gates.flatMap((gate: unknown, index): readonly PlacedGate[] => {
      if (!isRecord(gate)) return [];
      const [kind = '', body] = Object.entries(gate)[0] ?? [];
      if (!isRecord(body)) return [];
      const name = typeof body['name'] === 'string' ? body['name'] : undefined;
      const groups: unknown = body['override'];
      const override = Array.isArray(groups) ? groups.map((one) => String(one)) : [];
      return [{ environment, index, path: ['environments', environment, 'gates', index], kind, name, override, gate }];
    });
  });
}
