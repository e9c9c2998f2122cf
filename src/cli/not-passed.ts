/** An environment that a service or a release does not pass. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { didYouMean } from '../config/did-you-mean.ts';

export function notPassed(name: string, path: readonly string[], environment: string): ReleaseEngineError {
  const hint = didYouMean(environment, path);
  return new ReleaseEngineError('environment-unknown', `${name} does not pass "${environment}"${hint}`, {
    expected: path.join(' → '),
    got: environment,
  });
}
