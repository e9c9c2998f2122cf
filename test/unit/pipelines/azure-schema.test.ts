/** Azure's templates against the schema of their keys, by Microsoft's own language service. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { AZURE_SCHEMA } from './azure-schema.ts';
import { templatesIn } from './templates.ts';

// CommonJS, and its types do not agree with those of the present compiler
const load = createRequire(import.meta.url);
const { getLanguageService } = load('azure-pipelines-language-service') as {
  getLanguageService: (...args: unknown[]) => Service;
};
const { parse } = load('azure-pipelines-language-service/lib/parser/yamlParser.js') as {
  parse: (text: string) => unknown;
};
const { TextDocument } = load('vscode-languageserver-types') as {
  TextDocument: { create: (...args: unknown[]) => unknown };
};

interface Service {
  configure(settings: object): void;
  doValidation(document: unknown, yaml: unknown): Promise<readonly { readonly message: string }[]>;
}

const SCHEMA = 'https://example.test/azure-pipelines.json';
const service = getLanguageService(
  async () => structuredClone(AZURE_SCHEMA),
  [],
  async () => SCHEMA,
);
service.configure({ validate: true, schemas: [{ uri: SCHEMA, fileMatch: ['*'], schema: AZURE_SCHEMA }] });

async function problemsIn(path: string, text: string): Promise<readonly string[]> {
  const found = await service.doValidation(TextDocument.create(`file:///${path}`, 'yaml', 1, text), parse(text));
  return found.map(({ message }) => `${path}: ${message}`);
}

const templates = templatesIn('azure-pipelines');

describe('the keys of Azure’s templates', () => {
  test('are those that the service documents', async () => {
    const found = await Promise.all(templates.map(({ path, text }) => problemsIn(path, text)));
    assert.deepEqual(found.flat(), []);
  });

  test('would not be with a key that is misspelt, a number that is none, or a step without anything to do', async () => {
    const release = templates.find(({ path }) => path === 'azure-pipelines/release.yml')?.text ?? '';
    for (const [right, wrong] of [
      ['cancelTimeoutInMinutes: 1', 'cancelTimeoutMinutes: 1'],
      ['timeoutInMinutes: 60', 'timeoutInMinutes: long'],
      ['- template: steps/tools.yml', '- displayName: nothing'],
    ] as const) {
      assert.ok(release.includes(right));
      assert.notDeepEqual(await problemsIn('broken.yml', release.replace(right, wrong)), [], wrong);
    }
  });
});
