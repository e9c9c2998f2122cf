/** The parts of Azure DevOps' answers that this program reads, from the REST reference, version 7.1. */

export interface Project {
  readonly id: string;
  readonly name: string;
}
export interface ServiceEndpoint {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly isShared?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly authorization?: { readonly scheme?: string; readonly parameters?: Readonly<Record<string, string | null>> };
}
export interface VariableGroup {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly variables?: Readonly<Record<string, { readonly value?: string | null; readonly isSecret?: boolean } | null>>;
  readonly providerData?: { readonly serviceEndpointId?: string; readonly vault?: string };
}
export interface PipelineEnvironment {
  readonly id: number;
  readonly name: string;
  readonly description?: string;
}
export interface Pipeline {
  readonly id: number;
  readonly name: string;
  readonly folder?: string;
}
export interface CheckConfiguration {
  readonly id: number;
  readonly type: { readonly id: string; readonly name?: string };
  readonly settings?: Readonly<Record<string, unknown>> | null;
  readonly timeout?: number;
  readonly isDisabled?: boolean;
}
export interface PipelinePermissions {
  readonly allPipelines?: { readonly authorized: boolean } | null;
  readonly pipelines: readonly { readonly id: number; readonly authorized: boolean }[];
}
/** Build 7.1, General Settings. */
export interface GeneralSettings {
  readonly buildsEnabledForForks?: boolean;
  readonly enforceNoAccessToSecretsFromForks?: boolean;
  readonly enforceSettableVar?: boolean;
  readonly enforceJobAuthScope?: boolean;
}

/** Kinds of resources as checks and permissions call them. */
export type ResourceType = 'endpoint' | 'variablegroup' | 'environment';
