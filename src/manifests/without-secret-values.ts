/** Manifests as they may be written down where others read: everything but the values of Secrets, which stay where they are. */
import { gzipSync } from 'node:zlib';
import { isMap, isPair, isScalar, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import { packLayer } from './layer.ts';
import type { ManifestFile } from './manifest-file.ts';

/** Base64, as the API server wants `data`; nobody applies it. */
const LEFT_OUT = Buffer.from('left out').toString('base64');

/** Tar, gzipped, base64: {@link unpackManifests} reads it. The same files give the same text on the same machine. */
export async function packedWithoutSecrets(files: readonly ManifestFile[]): Promise<string> {
  const { tar } = await packLayer(files.map(withoutSecretValues));
  return gzipSync(tar, { level: 9 }).toString('base64');
}

/** A file without Secrets stays as it is, to the byte. Parsed as it was when it was checked: it has no mistakes. */
export function withoutSecretValues(file: ManifestFile): ManifestFile {
  const text = Buffer.from(file.bytes).toString('utf8');
  if (!/secret|stringData/i.test(text)) return file;
  const documents = parseAllDocuments(text);
  let found = false;
  for (const document of 'empty' in documents ? [] : documents) {
    visit(document, {
      Map(_, map) {
        const isSecret = /secret/i.test(String(map.get('kind') ?? ''));
        for (const name of isSecret ? ['data', 'stringData'] : ['stringData']) found = emptied(map, name) || found;
      },
    });
  }
  if (!found) return file;
  const bytes = Buffer.from(documents.map((one) => String(one)).join('---\n'));
  return { path: file.path, bytes };
}

/** Whether there was anything. */
function emptied(map: YAMLMap, name: string): boolean {
  const values = map.get(name, true);
  if (values === undefined) return false;
  if (!isMap(values)) {
    map.delete(name);
    return true;
  }
  const keys = values.items.map((item) => (isPair(item) && isScalar(item.key) ? String(item.key.value) : ''));
  map.set(name, Object.fromEntries(keys.map((key) => [key, LEFT_OUT])));
  return keys.length > 0;
}
