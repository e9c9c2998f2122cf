/**
 * The part of Azure Pipelines' YAML that our templates use, in our own words after
 * https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/ (read as of service-schema v1.247). It is not taken from there whole: 1.6 MB.
 */
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const count = { type: 'integer' } as const;
const mapping = { type: 'object' } as const;

function closed(properties: object, ...required: readonly string[]): object {
  return { type: 'object', properties, required, additionalProperties: false };
}
const listOf = (...kinds: readonly object[]): object => ({ type: 'array', items: { anyOf: kinds } });

const ofAnyStep = { name: text, displayName: text, timeoutInMinutes: count, env: mapping, condition: text };
const reference = closed({ template: text, parameters: mapping }, 'template');
const steps = listOf(
  reference,
  closed({ checkout: text, path: text, fetchDepth: count, fetchTags: flag, persistCredentials: flag }, 'checkout'),
  closed({ bash: text, workingDirectory: text, ...ofAnyStep }, 'bash'),
  closed({ task: text, inputs: mapping, ...ofAnyStep }, 'task'),
);
const variables = listOf(closed({ group: text }, 'group'), closed({ name: text, value: text }, 'name', 'value'));
const ofJob = { timeoutInMinutes: count, cancelTimeoutInMinutes: count, displayName: text, condition: text };
// an expression that stands for the whole of it, or an agent of Microsoft's or of one's own
const pool = { anyOf: [text, closed({ vmImage: text }, 'vmImage'), closed({ name: text, demands: {} }, 'name')] };
const job = closed({ job: text, ...ofJob, pool, variables, steps }, 'job', 'steps');
const stage = closed({ stage: text, displayName: text, dependsOn: text, jobs: listOf(job) }, 'stage', 'jobs');
const type = { enum: ['string', 'number', 'boolean', 'object', 'stepList', 'jobList', 'stageList'] };
const parameters = listOf(closed({ name: text, type, default: {}, values: { type: 'array' } }, 'name', 'type'));
const repository = closed({ repository: text, type: text, name: text, ref: text }, 'repository', 'type', 'name');
const trigger = closed({ branches: closed({ include: listOf(text), exclude: listOf(text) }) });

export const AZURE_SCHEMA = closed({
  ...{ parameters, stages: listOf(stage), steps, trigger, extends: reference },
  pr: { enum: ['none'] },
  resources: closed({ repositories: listOf(repository) }),
});
