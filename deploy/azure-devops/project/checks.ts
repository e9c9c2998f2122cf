/**
 * Checks on resources (Approvals and Checks, 7.1-preview.1). Branch control and business hours are "task checks": one type, told apart by
 * the task that they run; ids of types and tasks are Azure DevOps' own and the same in every organisation.
 */
import type { Description, Environment } from '../description/schema.ts';
import type { Values } from '../plan/item.ts';
import type { CheckConfiguration } from './shapes.ts';

const APPROVAL = '8c6f20a7-a545-4486-9777-f762fafe0d4d';
const EXCLUSIVE_LOCK = '2ef31ad6-baa0-403a-8b45-2cbc9b4e5563';
const EXTENDS = '4020e66e-b0f3-47e1-bc88-48f3cc59b5f3';
const TASK = 'fe1de3ee-a436-41b4-bb20-f6eb4cb879a7';
const BRANCH_CONTROL = {
  id: '86b05a0c-73e6-4f7d-b3cf-e38f3b39a75b',
  name: 'evaluatebranchProtection',
  version: '0.0.1',
};
const BUSINESS_HOURS = { id: '445fde2f-6c39-441c-807f-8a59ff2e075f', name: 'evaluateBusinessHours', version: '0.0.1' };

const DAY = 24 * 60;

/** The checks that one resource shall have, by name. */
export function wantedChecks(description: Description, environment: Environment | undefined): Record<string, Values> {
  const { branches, templates } = description.protection;
  const { approvals, businessHours: hours } = environment ?? {};
  const checks: Record<string, Values> = {
    'branch control': {
      branches: branches.join(', '),
      protectedOnly: 'true',
      unknownStatus: 'false',
      timeoutMinutes: DAY,
    },
    'required template': {
      templates: templates.map((one) => `${one.type}:${one.repository}@${one.ref}:${one.path}`).sort(),
    },
    ...(environment?.exclusiveLock === true ? { 'exclusive lock': {} } : {}),
    ...(approvals === undefined
      ? {}
      : {
          approval: {
            approvers: approvals.approvers.map((one) => one.id.toLowerCase()).sort(),
            required: approvals.required,
            requesterMayApprove: approvals.requesterMayApprove,
            instructions: approvals.instructions,
            timeoutMinutes: approvals.timeoutMinutes,
          },
        }),
    ...(hours === undefined
      ? {}
      : {
          'business hours': {
            days: hours.days.join(', '),
            from: hours.from,
            to: hours.to,
            zone: hours.zone,
            timeoutMinutes: hours.timeoutMinutes,
          },
        }),
  };
  // one that somebody has disabled is there and guards nothing
  return Object.fromEntries(Object.entries(checks).map(([name, values]) => [name, { ...values, disabled: false }]));
}

/** What a check of the service says, in the same words. */
export function readCheck(check: CheckConfiguration): { name: string; values: Values } {
  const { name, values } = readEnabled(check);
  return { name, values: { ...values, disabled: check.isDisabled ?? false } };
}

function readEnabled(check: CheckConfiguration): { name: string; values: Values } {
  const settings = check.settings ?? {};
  const inputs = (settings['inputs'] ?? {}) as Record<string, string>;
  const timeoutMinutes = check.timeout ?? 0;
  switch (check.type.id.toLowerCase()) {
    case EXCLUSIVE_LOCK:
      return { name: 'exclusive lock', values: {} };
    case EXTENDS:
      return { name: 'required template', values: { templates: templatesOf(settings) } };
    case APPROVAL:
      return {
        name: 'approval',
        values: {
          approvers: ((settings['approvers'] ?? []) as { id: string }[]).map((one) => one.id.toLowerCase()).sort(),
          required: (settings['minRequiredApprovers'] ?? 0) as number,
          requesterMayApprove: settings['requesterCannotBeApprover'] !== true,
          instructions: (settings['instructions'] ?? '') as string,
          timeoutMinutes,
        },
      };
    case TASK:
      return readTask(settings, inputs, timeoutMinutes);
    default:
      return { name: check.type.name ?? check.type.id, values: {} };
  }
}

function readTask(settings: Readonly<Record<string, unknown>>, inputs: Record<string, string>, timeoutMinutes: number) {
  const task = (settings['definitionRef'] ?? {}) as { id?: string; name?: string };
  const text = (name: string) => inputs[name] ?? '';
  if (task.id?.toLowerCase() === BRANCH_CONTROL.id)
    return {
      name: 'branch control',
      values: {
        branches: text('allowedBranches'),
        protectedOnly: text('ensureProtectionOfBranch').toLowerCase(),
        unknownStatus: (inputs['allowUnknownStatusBranches'] ?? 'false').toLowerCase(),
        timeoutMinutes,
      },
    };
  if (task.id?.toLowerCase() === BUSINESS_HOURS.id)
    return {
      name: 'business hours',
      values: {
        days: text('businessDays'),
        from: text('startTime'),
        to: text('endTime'),
        zone: text('timeZone'),
        timeoutMinutes,
      },
    };
  return { name: task.name ?? 'task', values: {} };
}

interface Extends {
  readonly repositoryType: string;
  readonly repositoryName: string;
  readonly repositoryRef: string;
  readonly templatePath: string;
}

const templatesOf = (settings: Readonly<Record<string, unknown>>) =>
  ((settings['extendsChecks'] ?? []) as Extends[])
    .map((one) => `${one.repositoryType}:${one.repositoryName}@${one.repositoryRef}:${one.templatePath}`)
    .sort();

/** The request body that makes a check: type, settings and timeout. */
export function checkBody(
  name: string,
  values: Values,
  description: Description,
): { type: object; settings: object; timeout?: number } {
  const timeout = values['timeoutMinutes'] as number;
  const task = (definitionRef: object, displayName: string, inputs: object) => ({
    type: { id: TASK, name: 'Task Check' },
    settings: { displayName, definitionRef, inputs, retryInterval: 5 },
    timeout,
  });
  switch (name) {
    case 'branch control':
      return task(BRANCH_CONTROL, 'Branch control', {
        allowedBranches: values['branches'],
        ensureProtectionOfBranch: values['protectedOnly'],
        allowUnknownStatusBranches: values['unknownStatus'],
      });
    case 'business hours':
      return task(BUSINESS_HOURS, 'Business hours', {
        businessDays: values['days'],
        startTime: values['from'],
        endTime: values['to'],
        timeZone: values['zone'],
      });
    case 'approval':
      return {
        type: { id: APPROVAL, name: 'Approval' },
        settings: {
          approvers: (values['approvers'] as readonly string[]).map((id) => ({ id })),
          minRequiredApprovers: values['required'],
          requesterCannotBeApprover: values['requesterMayApprove'] !== true,
          instructions: values['instructions'],
          executionOrder: 'anyOrder',
          blockedApprovers: [],
        },
        timeout,
      };
    case 'exclusive lock':
      return { type: { id: EXCLUSIVE_LOCK, name: 'ExclusiveLock' }, settings: {} };
    case 'required template':
      return {
        type: { id: EXTENDS, name: 'ExtendsCheck' },
        settings: { extendsChecks: description.protection.templates.map(extendsOf) },
      };
    default:
      throw new Error(`no such check: ${name}`);
  }
}

const extendsOf = (one: Description['protection']['templates'][number]): Extends => ({
  repositoryType: one.type,
  repositoryName: one.repository,
  repositoryRef: one.ref,
  templatePath: one.path,
});
