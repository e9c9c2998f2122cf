/** What a promotion would change of the objects in its environment, for people: evidence beside the plan, nothing is applied from it. */
import type { ObjectRef } from './manifest-object.ts';

export interface ManifestChanges {
  /**
   * ISO 8601: when the cluster was asked. Then `before` is what stood there, whoever had made it so, and `after` what a dry run of the
   * apply gave. Undefined: manifests were compared with the manifests of `against`.
   */
  readonly inCluster?: string;
  /** What could not be found out, and why. */
  readonly notes?: readonly string[];
  /** The version that runs there; undefined: none was applied before. */
  readonly against?: string;
  /** Why nothing could be compared; then nothing is known of any object. */
  readonly unknown?: string;
  readonly objects: readonly ObjectChange[];
  /** How many objects stay as they are. */
  readonly same: number;
  /** How many changed objects are not listed, because there are too many. */
  readonly more: number;
}

export interface ObjectChange {
  readonly ref: ObjectRef;
  /** `removed`: the manifests do not state it any more; it stays in the cluster. */
  readonly change: 'added' | 'removed' | 'changed';
  /** Something in it is not as Sluice has left it, or the object is gone, and the promotion takes that back. */
  readonly foreign?: true;
  /** Of changed objects only. */
  readonly values: readonly ValueChange[];
  /** How many changed values are not listed, because there are too many. */
  readonly more: number;
}

export interface ValueChange {
  /** JSON Pointer (RFC 6901) in the object as it would be; of something removed, in the object as it was. */
  readonly path: string;
  /** Of a text of several lines: which line. */
  readonly line?: number;
  /** JSON, or the line as it is; undefined: there was none. Cut with `…` where it is long. */
  readonly before?: string;
  /** In the same way; undefined: there is none any more. */
  readonly after?: string;
  /** It changes, and its contents are a secret. */
  readonly hidden?: true;
  /** What is there now is not what Sluice has left there. */
  readonly foreign?: Foreign;
}

/** Who has set it instead. Nothing is known of whoever has taken something away. */
export interface Foreign {
  /** The program, as it calls itself to the cluster ("kubectl-edit"). */
  readonly by?: string;
  /** ISO 8601: when that program last wrote to this object. */
  readonly at?: string;
}

/** "set by kubectl-edit" of what is there now, or that it is gone; `when` words the time. */
export function foreignInWords({ by, at }: Foreign, when: (at: string) => string): string {
  if (by === undefined) return 'taken away by somebody else';
  return at === undefined ? `set by ${by}` : `set by ${by}, which last wrote ${when(at)}`;
}

/** "1 object changes, 2 are new, 1 is stated no more; 3 stay as they are", in one line. */
export function changesInWords({ objects, same, more }: ManifestChanges): string {
  const count = (change: ObjectChange['change']): number => objects.filter((one) => one.change === change).length;
  const parts = [
    [count('changed'), 'changes', 'change'],
    [count('added'), 'is new', 'are new'],
    [count('removed'), 'is stated no more and stays in the cluster', 'are stated no more and stay in the cluster'],
    [more, 'more is not listed', 'more are not listed'],
  ] as const;
  const said = parts
    .filter(([many]) => many > 0)
    .map(([many, one, several]) => `${many} ${many === 1 ? one : several}`);
  const rest = same === 0 ? '' : same === 1 ? '; 1 stays as it is' : `; ${same} stay as they are`;
  if (said.length === 0) return same === 0 ? 'there is nothing' : 'nothing changes';
  const foreign = objects.filter((one) => one.foreign === true).length;
  const back = foreign === 0 ? '' : `; in ${foreign} of them it takes back what others have done there`;
  return `of the objects ${said.join(', ')}${rest}${back}`;
}
