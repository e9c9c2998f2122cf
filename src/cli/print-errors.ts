/** Writes docs/errors.md from the catalogue; a test keeps it in step. */
import { writeFileSync } from 'node:fs';
import { errorsPage } from './errors-page.ts';

const PAGE = new URL('../../docs/errors.md', import.meta.url);

writeFileSync(PAGE, errorsPage());
process.stdout.write('docs/errors.md written\n');
