/** The log of a pipeline's step: a line for each change with its time in UTC, nothing drawn over, a sign of life when nothing happens. */
import type { WatchEvent } from '../../client/index.ts';
import type { Waiting } from '../../contract/status.ts';
import { plainText } from '../../domain/plain-text.ts';
import { waitLine } from '../../domain/waiting.ts';
import { formatSpan } from '../render/time.ts';
import type { Terminal } from '../terminal.ts';
import type { Listener } from './listener.ts';
import type { Voice } from './voice.ts';

const LONGEST = 2_000;

/** What is shown outside of the folded steps: somebody may have to act. */
const STANDS_OUT: readonly WatchEvent['kind'][] = ['release', 'waiting', 'attention', 'restraint', 'outcome'];

export interface LogOptions {
  /** After so long without a line one says that it goes on. */
  readonly heartbeatMs: number;
}

export function pipelineLog(voice: Voice, terminal: Terminal, { heartbeatMs }: LogOptions): Listener {
  const line = (text: string): void => (terminal.json ? terminal.note(text) : terminal.say(text));
  let folded: string | undefined;
  let waiting: Waiting | undefined;
  let quietSince = Date.now();
  const unfold = (): void => {
    if (folded !== undefined && voice.endGroup !== undefined) terminal.command(voice.endGroup);
    folded = undefined;
  };
  const fold = (environment: string): void => {
    if (folded === environment) return;
    unfold();
    const begin = voice.group(environment);
    if (begin !== undefined) terminal.command(begin);
    folded = environment;
  };
  const say = (text: string): void => {
    line(text);
    quietSince = Date.now();
  };
  const warn = (title: string, message: string): void => {
    const issue = voice.issue('warning', title, message);
    if (issue !== undefined) terminal.command(issue);
  };
  const beat = setInterval(() => {
    if (Date.now() - quietSince < heartbeatMs) return;
    say(`${stamp(new Date().toISOString())} ${aliveLine(waiting)}`);
  }, heartbeatMs);
  return {
    event: (event) => {
      if (event.environment === undefined || STANDS_OUT.includes(event.kind)) unfold();
      else fold(event.environment);
      for (const text of logLines(event)) say(text);
      if (event.kind === 'attention' || event.kind === 'answer-refused') warn(titleOf(event), event.text);
    },
    trouble: ({ code, message, remedy }) => {
      unfold();
      const text = plainText(remedy === undefined ? message : `${message}; ${remedy}`, LONGEST);
      say(`${stamp(new Date().toISOString())} trouble: ${text} (${code})`);
      warn(code, text);
    },
    waits: (seen) => {
      waiting = seen;
    },
    close: () => {
      clearInterval(beat);
      unfold();
    },
  };
}

function titleOf({ kind, environment }: WatchEvent): string {
  const what = kind === 'attention' ? 'needs attention' : 'answer not counted';
  return environment === undefined ? what : `${environment} ${what}`;
}

/** The event in one line, then the commands that answer it, one each. */
function logLines({ at, kind, environment = '', state, step, text, tookMs, answer = [] }: WatchEvent): string[] {
  const what = kind === 'step' ? `${state ?? ''} ${step ?? ''}` : kind;
  const took = tookMs === undefined ? '' : ` (${formatSpan(tookMs)})`;
  const words = [stamp(at), environment, `${what}:`, `${plainText(text, LONGEST)}${took}`];
  const commands = answer.map((command) => `    ${plainText(command, LONGEST)}`);
  return [words.filter((word) => word !== '').join(' '), ...commands];
}

function aliveLine(waiting: Waiting | undefined): string {
  return waiting === undefined ? 'goes on' : `still waiting: ${plainText(waitLine(waiting), LONGEST)}`;
}

/** `2026-12-01T08:15:02Z`: what has happened before the step began has its own time. */
function stamp(iso: string): string {
  return plainText(iso.replace(/\.\d+Z$/, 'Z'), 40);
}
