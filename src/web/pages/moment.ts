/** Times as every reader understands them, wherever they sit: UTC, and how long ago. */
import { type Html, html } from '../html.ts';

/** `2026-11-23 08:15:02 UTC`; the text itself when it is no time. */
export function moment(iso: string): Html {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return html`${iso}`;
  return html`<time datetime="${time.toISOString()}">${momentText(iso)}</time>`;
}

/** The same without markup, for the middle of a sentence. */
export function momentText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const text = time.toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}

/** `0.3 s`, `42 s`, `3 min`, `2 h`, `4 days`. */
export function span(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

/** "for 3 h" with the moment behind it. */
export function age(iso: string, now: Date): Html {
  return html`<time datetime="${iso}" title="${iso}">${span(now.getTime() - Date.parse(iso))}</time>`;
}
