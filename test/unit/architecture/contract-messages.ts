/** Every query, update and signal that the contract defines, read from its files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './import-walk.ts';

export interface ContractMessage {
  /** The workflow that listens. */
  readonly workflow: string;
  readonly kind: 'query' | 'update' | 'signal';
  readonly name: string;
  /** What it carries, as its type is written. */
  readonly takes: string;
  readonly answers: string;
}

/** `defineUpdate<Answer, [Payload]>('name')`, in the file of the workflow that listens. */
const DEFINED = /define(Query|Update|Signal)<(.*)>\('(\w+)'\)/g;

/** What a desk says to promotions stands beside the desk's own messages. */
const TO_PROMOTIONS = ['turn', 'restraints'];

export function contractMessages(): readonly ContractMessage[] {
  const folder = join(ROOT, 'src/contract');
  return readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(DEFINED)].map(([, kind = '', types = '', name = '']) => {
      const workflow = TO_PROMOTIONS.includes(name) ? 'promotion' : file.replace('-workflow.ts', '');
      const [, answers = '', payload = ''] = /^(?:([^,[\]]*)(?:, )?)?(?:\[(.*)\])?$/.exec(types) ?? [];
      const takes = payload.replace(/^readonly /, '');
      return { workflow, kind: kind.toLowerCase() as ContractMessage['kind'], name, takes, answers };
    }),
  );
}
