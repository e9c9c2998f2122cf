/** The pipeline run around this process, as its service states it in variables. What they say is a hint, never a proof. */
import type { Variables } from './program-path.ts';

export type PipelineService = 'azure' | 'github';

/**
 * Azure Pipelines: learn.microsoft.com/azure/devops/pipelines/build/variables; GitHub Actions:
 * docs.github.com/actions/reference/workflows-and-actions/variables.
 */
export interface PipelineRun {
  readonly service: PipelineService;
  /** Full name: `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`. */
  readonly ref?: string;
  /** What the run was started for; another commit may be checked out. */
  readonly commit?: string;
  readonly pullRequest: boolean;
  readonly fork: boolean;
  /** Whether rules protect the branch or tag; undefined: the service does not say, as Azure's does not. */
  readonly isProtected?: boolean;
  /** Where GitHub reads output variables from. */
  readonly outputFile?: string;
  /** Where GitHub reads the run's summary from. */
  readonly summaryFile?: string;
  /** Gone after the job. */
  readonly temporaryFolder?: string;
}

export function pipelineIn(variables: Variables): PipelineRun | undefined {
  if (isTrue(variables['TF_BUILD'])) return azure(variables);
  if (isTrue(variables['GITHUB_ACTIONS'])) return github(variables);
  return undefined;
}

function azure(variables: Variables): PipelineRun {
  const ref = variables['BUILD_SOURCEBRANCH'] ?? '';
  return {
    service: 'azure',
    ...optional('ref', ref),
    ...optional('commit', variables['BUILD_SOURCEVERSION']),
    pullRequest: variables['BUILD_REASON'] === 'PullRequest' || isPullRequest(ref),
    fork: isTrue(variables['SYSTEM_PULLREQUEST_ISFORK']),
    ...optional('temporaryFolder', variables['AGENT_TEMPDIRECTORY']),
  };
}

function github(variables: Variables): PipelineRun {
  const ref = variables['GITHUB_REF'] ?? '';
  // of "pull_request_target" the reference is the branch that is merged into, while the work may be anybody's
  const event = variables['GITHUB_EVENT_NAME'] ?? '';
  return {
    service: 'github',
    ...optional('ref', ref),
    ...optional('commit', variables['GITHUB_SHA']),
    pullRequest: event.startsWith('pull_request') || isPullRequest(ref),
    fork: false,
    ...(variables['GITHUB_REF_PROTECTED'] === undefined
      ? {}
      : { isProtected: isTrue(variables['GITHUB_REF_PROTECTED']) }),
    ...optional('outputFile', variables['GITHUB_OUTPUT']),
    ...optional('summaryFile', variables['GITHUB_STEP_SUMMARY']),
    ...optional('temporaryFolder', variables['RUNNER_TEMP']),
  };
}

function isPullRequest(ref: string): boolean {
  return ref.startsWith('refs/pull/');
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [K in Key]: string });
}

/** The pipeline run around this process; undefined: it is none, or none of a service that is known. */
export function pipelineRun(): PipelineRun | undefined {
  return pipelineIn(process.env);
}

/** As it is with a service that somebody names, whatever the variables say about which it is. */
export function pipelineRunOf(service: PipelineService): PipelineRun {
  return service === 'azure' ? azure(process.env) : github(process.env);
}

/** SLUICE_WEB: where `sluice serve` is reached, for links; undefined: nobody has said. */
export function webAddress(): string | undefined {
  const named = process.env['SLUICE_WEB'] ?? '';
  return named === '' ? undefined : named;
}
