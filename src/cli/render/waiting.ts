import type { Waiting } from '../../contract/status.ts';
import { waitLine } from '../../domain/waiting.ts';
import type { Paint } from '../terminal.ts';
import { formatTime, withTimes } from './time.ts';

/** What is waited for, and the commands that answer it. */
export function renderWaiting(waiting: Waiting, paint: Paint): readonly string[] {
  return [
    `    ${paint('yellow', 'waits')}  ${withTimes(waitLine(waiting, formatTime))}`,
    ...waiting.answer.map((command) => `    ${paint('cyan', command)}`),
  ];
}
