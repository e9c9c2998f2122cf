/**
 * The element with this id, which the page always draws.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} "${id}"`);
  return found;
}

/**
 * The same where the page draws it only sometimes.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind | undefined}
 */
export function elementIfThere(id, kind) {
  const found = document.getElementById(id);
  return found instanceof kind ? found : undefined;
}
