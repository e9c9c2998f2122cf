/**
 * OpenVEX (https://github.com/openvex/spec, 0.0.1 to 0.2.0): who knows the image says which vulnerabilities do not matter in it. The newest word about a
 * vulnerability counts; of two at the same moment, the one that helps less.
 */
import { hexOf } from '../../domain/digest.ts';
import type { Image } from '../../domain/image-reference.ts';
import { covers, type PackageUrl, parsePackageUrl } from './package-url.ts';
import type { Vulnerability } from './scan-report.ts';
import { at, listAt, momentAt, textAt } from './stated.ts';

export const VEX_TYPES: readonly string[] = [
  'https://openvex.dev/ns',
  'https://openvex.dev/ns/v0.0.1',
  'https://openvex.dev/ns/v0.2.0',
];

/** https://www.cisa.gov/sites/default/files/publications/VEX_Status_Justification_Jun22.pdf */
const JUSTIFICATIONS: readonly unknown[] = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
];

/** One word about one vulnerability in this image. */
export interface VexWord {
  /** All names under which it is known there. */
  readonly names: readonly string[];
  /** `not_affected` with a justification, or `fixed`. */
  readonly helps: boolean;
  readonly at: number;
  /** Only in these packages; undefined: wherever it was found in the image. */
  readonly within?: readonly PackageUrl[];
}

/** What a document says about this image. Statements that are incomplete or about something else are left out. */
export function vexWords(document: unknown, image: Image): readonly VexWord[] {
  const documentAt = momentAt(document, 'last_updated') ?? momentAt(document, 'timestamp');
  return listAt(document, 'statements').flatMap((statement): readonly VexWord[] => {
    const names = namesOf(at(statement, 'vulnerability'));
    const moment = momentAt(statement, 'last_updated') ?? momentAt(statement, 'timestamp') ?? documentAt;
    if (names.length === 0 || moment === undefined) return [];
    const word = { names, helps: helps(statement), at: moment };
    return scopesOf(statement, image).map(({ whole, packages }) =>
      whole || (packages.includes(undefined) && !word.helps) ? word : { ...word, within: packages.filter(isKnown) },
    );
  });
}

/** The newest word about a vulnerability where it was found; undefined: nobody has said anything. */
export function wordAbout(words: readonly VexWord[], { id, aliases, purl }: Vulnerability): VexWord | undefined {
  const found = purl === undefined ? undefined : parsePackageUrl(purl);
  // of a package that the report does not name a word may speak; then it may warn, but not reassure
  const isWithin = ({ within, helps }: VexWord): boolean =>
    within === undefined || (found === undefined ? !helps : within.some((one) => covers(one, found)));
  const about = words.filter((one) => one.names.some((name) => name === id || aliases.includes(name)) && isWithin(one));
  return about.toSorted((a, b) => b.at - a.at || Number(a.helps) - Number(b.helps))[0];
}

function helps(statement: unknown): boolean {
  const status = at(statement, 'status');
  return status === 'fixed' || (status === 'not_affected' && JUSTIFICATIONS.includes(at(statement, 'justification')));
}

/** Older documents have a text in place of the object. */
function namesOf(vulnerability: unknown): readonly string[] {
  if (typeof vulnerability === 'string') return [vulnerability];
  const names = [textAt(vulnerability, 'name'), ...listAt(vulnerability, 'aliases')];
  return names.filter((one): one is string => typeof one === 'string' && one !== '');
}

/** All of an image, or packages in it; undefined is one that cannot be read. */
interface Scope {
  readonly whole: boolean;
  readonly packages: readonly (PackageUrl | undefined)[];
}

/** For each product that is this image, in which packages of it; without products the statement is about its subject, which is this image. */
function scopesOf(statement: unknown, image: Image): readonly Scope[] {
  const products = listAt(statement, 'products');
  const older = listAt(statement, 'subcomponents');
  if (products.length === 0) return [packagesIn(older)];
  return products
    .filter((one) => isImage(one, image))
    .map((one) => packagesIn([...listAt(one, 'subcomponents'), ...older]));
}

/** What cannot be read as a package is none in which a word helps, and might be any of which one warns. */
function packagesIn(subcomponents: readonly unknown[]): Scope {
  const packages = subcomponents.flatMap((one) => {
    const found = identifiersOf(one).flatMap((identifier) => parsePackageUrl(identifier) ?? []);
    return found.length === 0 ? [undefined] : found;
  });
  return { whole: subcomponents.length === 0, packages };
}

function isKnown(one: PackageUrl | undefined): one is PackageUrl {
  return one !== undefined;
}

/** By its digest, or by its name without any version; whatever is named more narrowly is something else. */
function isImage(product: unknown, image: Image): boolean {
  const hex = hexOf(image.digest);
  if (textAt(product, 'hashes', 'sha-256') === hex) return true;
  return identifiersOf(product).some((identifier) => {
    const purl = parsePackageUrl(identifier);
    if (purl === undefined) return identifier === image.digest || identifier.endsWith(`@${image.digest}`);
    if (!['oci', 'docker'].includes(purl.type)) return false;
    if (purl.version !== undefined) return purl.version === image.digest;
    const isWhole = [...purl.qualifiers.keys()].every((one) => one === 'repository_url');
    return isWhole && purl.type === 'oci' && purl.path === image.repository.split('/').at(-1)?.toLowerCase();
  });
}

function identifiersOf(component: unknown): readonly string[] {
  if (typeof component === 'string') return [component];
  const found = [textAt(component, '@id'), textAt(component, 'identifiers', 'purl')];
  return found.filter((one) => one !== undefined);
}
