/** Provenance as builders write it, cut down to what says something. */

export const V1 = 'https://slsa.dev/provenance/v1';
export const V02 = 'https://slsa.dev/provenance/v0.2';
export const COMMIT = '4b220de5058abfd01ff619c9d2ff6b09a049bea0';

export interface GitHubParts {
  readonly builder?: string;
  readonly repository?: string;
  readonly ref?: string;
  readonly commit?: string | undefined;
  readonly dependency?: string;
}

/** https://actions.github.io/buildtypes/workflow/v1, as actions/attest-build-provenance writes it. */
export function github(parts: GitHubParts = {}) {
  const {
    builder = 'https://github.com/org/repo/.github/workflows/release.yml@refs/heads/main',
    repository = 'https://github.com/org/repo',
    ref = 'refs/heads/main',
    dependency = `git+${repository}@${ref}`,
  } = parts;
  const commit = 'commit' in parts ? parts.commit : COMMIT;
  return {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow: { ref, repository, path: '.github/workflows/release.yml' } },
      internalParameters: { github: { event_name: 'push', runner_environment: 'github-hosted' } },
      resolvedDependencies: [{ uri: dependency, digest: commit === undefined ? {} : { gitCommit: commit } }],
    },
    runDetails: {
      builder: { id: builder },
      metadata: { invocationId: 'https://github.com/org/repo/actions/runs/123456/attempts/1' },
    },
  };
}

/** https://github.com/slsa-framework/slsa-github-generator, container workflow. */
export function generatorV02() {
  return {
    builder: {
      id: 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.0.0',
    },
    buildType: 'https://github.com/slsa-framework/slsa-github-generator/container@v1',
    invocation: {
      configSource: {
        uri: 'git+https://github.com/org/repo@refs/heads/main',
        digest: { sha1: COMMIT },
        entryPoint: '.github/workflows/release.yml',
      },
    },
    materials: [{ uri: 'git+https://github.com/org/repo@refs/heads/main', digest: { sha1: COMMIT } }],
  };
}

/** BuildKit, from a Git context. */
export function buildKitV1() {
  const source = { uri: 'https://github.com/org/repo.git#refs/heads/main', digest: { sha1: COMMIT } };
  return {
    buildDefinition: {
      buildType: 'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
      externalParameters: { configSource: { ...source, path: 'Dockerfile' }, request: { frontend: 'dockerfile.v0' } },
      resolvedDependencies: [
        { uri: 'pkg:docker/alpine@3.20?platform=linux%2Famd64', digest: { sha256: 'a'.repeat(64) } },
        { uri: 'https://example.test/tool.tar.gz', digest: { sha256: 'b'.repeat(64) } },
        source,
      ],
    },
    runDetails: { builder: { id: 'https://build.example.test/pool-1' } },
  };
}

/** BuildKit, from a folder on the machine of whoever calls it. */
export function buildKitV02() {
  return {
    builder: { id: 'https://build.example.test/pool-1' },
    buildType: 'https://mobyproject.org/buildkit@v1',
    materials: [{ uri: 'pkg:docker/alpine@3.20', digest: { sha256: 'a'.repeat(64) } }],
    invocation: { configSource: { entryPoint: 'Dockerfile' }, parameters: { frontend: 'dockerfile.v0' } },
    metadata: {
      'https://mobyproject.org/buildkit@v1#metadata': {
        vcs: { source: 'git@github.com:org/repo.git', revision: COMMIT },
      },
    },
  };
}

/** A pipeline that follows the specification and its own parameters. */
export function azure() {
  const repository = 'https://org@dev.azure.com/org/project/_git/repo';
  return {
    buildDefinition: {
      buildType: 'https://example.test/azure-pipelines/v1',
      externalParameters: { repository, branch: 'main', definition: 'azure-pipelines.yml' },
      resolvedDependencies: [{ uri: `git+${repository}@refs/heads/main`, digest: { gitCommit: COMMIT } }],
    },
    runDetails: { builder: { id: 'https://dev.azure.com/org/project/_build?definitionId=7' } },
  };
}
