/** In the workflows' sandbox of a mortal worker: says which message is being handled, so that the process can die there. */
import { proxySinks, type Sinks, workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';

export interface MortalSinks extends Sinks {
  readonly mortal: { reach(boundary: string): void };
}

const { mortal } = proxySinks<MortalSinks>();

export const interceptors = (): WorkflowInterceptors => {
  const reach = (what: string): void => {
    const { workflowType, parent } = workflowInfo();
    const isBack = parent?.workflowId.startsWith('rollback/') === true;
    mortal.reach(`${workflowType}${isBack ? ' of a roll-back' : ''}: ${what}`);
  };
  return {
    inbound: [
      {
        async handleSignal(input, next) {
          reach(`hears ${input.signalName}`);
          return next(input);
        },
        async handleUpdate(input, next) {
          reach(`begins ${input.name}`);
          const answer = await next(input);
          reach(`answers ${input.name}`);
          return answer;
        },
      },
    ],
    outbound: [
      {
        async signalWorkflow(input, next) {
          reach(`says ${input.signalName}`);
          return next(input);
        },
        async startChildWorkflowExecution(input, next) {
          reach(`starts ${input.workflowType}`);
          return next(input);
        },
        async continueAsNew(input, next) {
          reach('begins a new run');
          return next(input);
        },
      },
    ],
  };
};
