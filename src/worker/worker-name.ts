/** How a worker process calls itself towards Temporal, so that its successor knows what it has left behind. */
import { hostname } from 'node:os';

/** `pid@host`, as Temporal's own default; with a name also that and the moment of the start, which no other life of it shares. */
export function identityOf(name: string | undefined, startedAt: Date): string {
  const process_ = `${process.pid}@${hostname()}`;
  return name === undefined ? process_ : `${process_}#${name}/${startedAt.toISOString()}`;
}

/** Whether `identity` is an earlier life of the worker that `own` is: the same name, another start. */
export function isEarlierLife(identity: string, own: string): boolean {
  const [name, ownName] = [nameIn(identity), nameIn(own)];
  return name !== undefined && name === ownName && identity !== own;
}

function nameIn(identity: string): string | undefined {
  return /#([^#/]+)\/[^/]+$/.exec(identity)?.[1];
}
