/** What a scene is: how the world answers, what people do meanwhile, and which histories are kept of it. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { OutcomeKind } from '../../../src/domain/outcome.ts';
import type { Release } from '../../support/releases.ts';
import type { Script, ScriptOptions } from '../../support/scripted-activities.ts';

export interface Stage {
  readonly client: Client;
  readonly version: string;
  readonly release: Release;
  /** The promotion into staging. */
  readonly promotion: WorkflowHandle;
}

export interface Scene {
  readonly name: string;
  /** Undefined: the name, which stands in no order with other versions. */
  readonly version?: string;
  readonly outcome: OutcomeKind;
  /** Made anew for each run, since scripts remember. */
  readonly script?: () => Script;
  readonly options?: ScriptOptions;
  /** Before the release is started. */
  readonly before?: (stage: Stage) => Promise<void>;
  readonly play?: (stage: Stage) => Promise<void>;
  /** Workflows beside the release whose histories are kept as well, every run of them. */
  readonly also?: readonly { readonly name: string; readonly workflowId: string }[];
}
