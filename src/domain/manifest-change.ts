/** What a promotion would change of the objects in its environment, for people: evidence beside the plan, nothing is applied from it. */
import type { ObjectRef } from './manifest-object.ts';

export interface ManifestChanges {
  /** The version that it is compared with; undefined: none was applied before. */
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
}
