/** States as a sign and a word in a colour: never by the colour alone. */
import type { PromotionPhase, ReleasePhase, StepState } from '../../contract/status.ts';
import { type Html, html } from '../html.ts';

type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'calm';

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', warn: '‖', busy: '▸', calm: '·' };

const TONES: Readonly<Record<StepState | PromotionPhase | ReleasePhase, Tone>> = {
  pending: 'calm',
  running: 'busy',
  done: 'good',
  skipped: 'calm',
  failed: 'bad',
  undone: 'warn',
  planning: 'busy',
  'waiting-for-gate': 'warn',
  'waiting-for-approval': 'warn',
  'waiting-for-turn': 'warn',
  working: 'busy',
  paused: 'warn',
  stopped: 'warn',
  'needs-attention': 'bad',
  undoing: 'warn',
  'undo-stuck': 'bad',
  finished: 'good',
  resolving: 'busy',
  promoting: 'busy',
};

export function badge(tone: Tone, word: string | Html): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${word}</span>`;
}

export function stateBadge(state: StepState | PromotionPhase | ReleasePhase): Html {
  return badge(TONES[state] ?? 'calm', state);
}

export function outcomeBadge(kind: string): Html {
  return badge(kind === 'released' ? 'good' : kind === 'aborted' || kind === 'superseded' ? 'warn' : 'bad', kind);
}

export function waitingBadge(waitingFor: string): Html {
  const stuck = waitingFor === 'attention' || waitingFor === 'undo';
  return badge(stuck ? 'bad' : 'warn', `waits for ${waitingFor}`);
}
