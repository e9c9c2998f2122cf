/** The suites of a cluster adapter. */
import { applySuite } from './apply-suite.ts';
import { inventorySuite } from './inventory-suite.ts';
import { releaseRecordsSuite } from './release-records-suite.ts';
import { rollOutSuite } from './roll-out-suite.ts';
import { sightSuite } from './sight-suite.ts';
import type { MakeSubject, SuiteOptions } from './subject.ts';
import { watchSuite } from './watch-suite.ts';

export function clusterSuites(name: string, makeSubject: MakeSubject, options: SuiteOptions = { skip: false }): void {
  applySuite(name, makeSubject, options);
  rollOutSuite(name, makeSubject, options);
  sightSuite(name, makeSubject, options);
  inventorySuite(name, makeSubject, options);
  watchSuite(name, makeSubject, options);
  releaseRecordsSuite(name, makeSubject, options);
}
