/** The bill of materials in a statement: SPDX 2 and CycloneDX as JSON, in the forms in which Cosign and others attest them. */
import type { SbomFormat } from '../../domain/proof.ts';
import { at, isStated, listAt, textAt } from './stated.ts';

/** GitHub and in-toto add the version of the document. */
export const SBOM_TYPES: Readonly<Record<SbomFormat, readonly string[]>> = {
  spdx: ['https://spdx.dev/Document', 'https://spdx.dev/Document/v2.2', 'https://spdx.dev/Document/v2.3'],
  cyclonedx: [
    'https://cyclonedx.org/bom',
    'https://cyclonedx.org/bom/v1.4',
    'https://cyclonedx.org/bom/v1.5',
    'https://cyclonedx.org/bom/v1.6',
  ],
};

export type SbomReading =
  | {
      readonly ok: true;
      readonly format: SbomFormat;
      readonly version: string;
      readonly name: string;
      readonly parts: number;
    }
  | { readonly ok: false; readonly why: string };

export function readSbom(predicateType: string, predicate: unknown): SbomReading {
  const document = unwrapped(predicate);
  if (!isStated(document)) return { ok: false, why: 'it is no JSON object (SPDX as tags and values is not read)' };
  return SBOM_TYPES.spdx.includes(predicateType) ? readSpdx(document) : readCycloneDx(document);
}

/** Cosign wraps what it does not know as `{ Data, Timestamp }`, and writes SPDX of another form than JSON as text. */
function unwrapped(predicate: unknown): unknown {
  const data = isStated(predicate) && Object.hasOwn(predicate, 'Data') ? predicate['Data'] : predicate;
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

/** https://spdx.github.io/spdx-spec/v2.3/ */
function readSpdx(document: unknown): SbomReading {
  const version = textAt(document, 'spdxVersion');
  const name = textAt(document, 'name');
  const packages = listAt(document, 'packages');
  if (version === undefined || !/^SPDX-2\.[23]$/.test(version))
    return { ok: false, why: `"spdxVersion" is ${said(at(document, 'spdxVersion'))}, not SPDX-2.3 or SPDX-2.2` };
  if (textAt(document, 'SPDXID') !== 'SPDXRef-DOCUMENT') return { ok: false, why: '"SPDXID" is not SPDXRef-DOCUMENT' };
  if (name === undefined) return { ok: false, why: 'the document has no "name"' };
  if (packages.length === 0) return { ok: false, why: 'it lists no packages' };
  const nameless = packages.findIndex(
    (one) => textAt(one, 'name') === undefined || textAt(one, 'SPDXID') === undefined,
  );
  if (nameless >= 0) return { ok: false, why: `packages[${nameless}] has no "name" or no "SPDXID"` };
  return { ok: true, format: 'spdx', version, name, parts: packages.length };
}

/** https://cyclonedx.org/docs/1.6/json/ */
function readCycloneDx(document: unknown): SbomReading {
  if (at(document, 'bomFormat') !== 'CycloneDX') return { ok: false, why: '"bomFormat" is not CycloneDX' };
  const version = textAt(document, 'specVersion');
  if (version === undefined || !/^1\.[456]$/.test(version))
    return { ok: false, why: `"specVersion" is ${said(at(document, 'specVersion'))}, not 1.4, 1.5 or 1.6` };
  const name = textAt(document, 'metadata', 'component', 'name') ?? textAt(document, 'serialNumber');
  if (name === undefined) return { ok: false, why: 'it names neither "metadata.component" nor a "serialNumber"' };
  const components = listAt(document, 'components');
  if (components.length === 0) return { ok: false, why: 'it lists no components' };
  const nameless = components.findIndex(
    (one) => textAt(one, 'name') === undefined || textAt(one, 'type') === undefined,
  );
  if (nameless >= 0) return { ok: false, why: `components[${nameless}] has no "name" or no "type"` };
  return { ok: true, format: 'cyclonedx', version: `CycloneDX-${version}`, name, parts: components.length };
}

function said(value: unknown): string {
  if (value === undefined) return 'missing';
  // what is nested is not spelt out: however deep it is, it is no text
  return typeof value === 'object' && value !== null ? 'no text' : JSON.stringify(value).slice(0, 60);
}
