/** What a namespace has to be told once before releases can be found in it. */
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.ts';

export const ATTRIBUTES: readonly string[] = SEARCH_ATTRIBUTES.map((key) => key.name);

/** The command that registers search attributes; those that are there already do no harm. */
export function registering(
  { address, namespace }: { readonly address: string; readonly namespace: string },
  names: readonly string[] = ATTRIBUTES,
): string {
  const flags = names.flatMap((name) => ['--name', name, '--type', 'Keyword']).join(' ');
  return `temporal operator search-attribute create --address ${address} --namespace ${namespace} ${flags}`;
}
