/** The body of a Slack incoming webhook: Block Kit, with a plain text for notifications. */
import type { SluiceEvent } from '../../../domain/notification.ts';
import { commands, details, headline } from './headline.ts';

export function slackMessage({ data, id, time }: SluiceEvent): object {
  const title = headline(data);
  const facts = details(data).map(({ label, text }) => `*${label}:* ${guarded(text)}`);
  return {
    text: guarded(title),
    blocks: [
      section(`*${guarded(title)}*`),
      ...(facts.length === 0 ? [] : [section(facts.join('\n'))]),
      ...(commands(data).length === 0 ? [] : [section(code(guarded(commands(data).join('\n'))))]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: guarded(`${time} · ${id}`) }] },
    ],
  };
}

/** A section holds 3,000 characters; Slack refuses the whole message otherwise. */
const MOST_CHARACTERS = 2_900;

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, MOST_CHARACTERS), verbatim: true } };
}

/** What is cut off is cut off inside of the marks. */
function code(text: string): string {
  return `\`\`\`${text.slice(0, MOST_CHARACTERS - 6)}\`\`\``;
}

/** `<!channel>` in somebody's reason would call everybody; the back quote would end a block of code. */
function guarded(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', 'ˋ');
}
