/** Chapter 7: the same in a browser, as complete pages that need no script to be read. */
import type { Scene } from './journey.ts';

export interface Versions {
  readonly first: string;
  readonly second: string;
}

export async function lookAtThePages({ stack, stage, signal }: Scene, { first, second }: Versions): Promise<void> {
  stage.chapter('7  The same in a browser');
  const { webUrl = 'http://127.0.0.1:0/' } = stack;
  const pages = [
    { what: 'the board names what runs where', path: '', named: ['dev', 'staging', 'production', first] },
    { what: 'the journey of version 1 names who approved it', path: pathOf(first), named: [first, 'grace', 'linus'] },
    { what: 'the journey of version 2 says how it ended', path: pathOf(second), named: [second, 'rolled-back'] },
  ];
  for (const { what, path, named } of pages) {
    const url = new URL(path, webUrl).href;
    stage.note(url);
    const answer = await fetch(url, { signal });
    const text = await answer.text();
    const missing = named.filter((one) => !text.includes(one));
    const isComplete = answer.status === 200 && missing.length === 0;
    stage.expect(what, isComplete, `${answer.status}, without ${missing.join(', ') || 'nothing of it'}`);
  }
}

function pathOf(version: string): string {
  return `releases/iam/${version}`;
}
