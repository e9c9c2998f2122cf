/** The five suites of a registry adapter. */
import { artefactPublisherSuite } from './artefact-publisher-suite.ts';
import { imageLocksSuite } from './image-locks-suite.ts';
import { registryImporterSuite } from './registry-importer-suite.ts';
import { registryReaderSuite } from './registry-reader-suite.ts';
import { registryRemoverSuite } from './registry-remover-suite.ts';
import type { MakeSubject } from './subject.ts';

export function registrySuites(name: string, makeSubject: MakeSubject): void {
  registryReaderSuite(name, makeSubject);
  registryImporterSuite(name, makeSubject);
  imageLocksSuite(name, makeSubject);
  registryRemoverSuite(name, makeSubject);
  artefactPublisherSuite(name, makeSubject);
}
