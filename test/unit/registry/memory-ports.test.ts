/** The in-memory registries pass the suites of the real ones. */
import { createMemoryRegistries } from '../../../src/adapters/registry/memory/create-memory-registries.ts';
import { registrySuites } from '../../ports/registry/all-suites.ts';
import type { RegistrySubject } from '../../ports/registry/subject.ts';

registrySuites('in memory', (): Promise<RegistrySubject> => {
  const registries = createMemoryRegistries({ hosts: { dev: 'dev.test', staging: 'staging.test' } });
  return Promise.resolve({
    first: registries.registry('dev'),
    second: registries.registry('staging'),
    source: 'dev',
    push: (repository, image, tag) => {
      for (const one of [...image.children, image]) {
        registries.push('dev', repository, {
          mediaType: one.mediaType,
          manifest: one.manifest,
          blobs: one.blobs.map((blob) => blob.bytes),
          ...(tag === undefined || one !== image ? {} : { tag }),
        });
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
