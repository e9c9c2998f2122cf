// What this browser keeps between pages: keys that can be used here and not be read.

const DATABASE = 'sluice';
const STORE = 'keys';

/**
 * @typedef {object} Kept
 * @property {import('./keys.js').SigningKey} key
 * @property {string} [name] as which the person answers with a key of their own
 */

/**
 * @param {'own-key' | 'sign-in'} name
 * @returns {Promise<Kept | undefined>}
 */
export async function kept(name) {
  return run('readonly', (store) => store.get(name));
}

/**
 * @param {'own-key' | 'sign-in'} name
 * @param {Kept} value
 * @returns {Promise<void>}
 */
export async function keep(name, value) {
  await run('readwrite', (store) => store.put(value, name));
}

/**
 * @param {'own-key' | 'sign-in'} name
 * @returns {Promise<void>}
 */
export async function forget(name) {
  await run('readwrite', (store) => store.delete(name));
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>}
 */
async function run(mode, act) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
  });
}
