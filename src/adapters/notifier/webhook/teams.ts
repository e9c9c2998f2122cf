/** The body that a Teams workflow ("Post to a channel when a webhook request is received") takes: an Adaptive Card. */
import type { SluiceEvent } from '../../../domain/notification.ts';
import { commands, details, headline } from './headline.ts';

export function teamsCard({ data, id, time }: SluiceEvent): object {
  const answers = commands(data);
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: headline(data),
          body: [
            { type: 'TextBlock', size: 'Medium', weight: 'Bolder', wrap: true, text: guarded(headline(data)) },
            {
              type: 'FactSet',
              facts: details(data).map(({ label, text }) => ({ title: label, value: guarded(text) })),
            },
            ...answers.map((text) => ({ type: 'TextBlock', fontType: 'Monospace', wrap: true, text: guarded(text) })),
            { type: 'TextBlock', isSubtle: true, size: 'Small', wrap: true, text: guarded(`${time} · ${id}`) },
          ],
        },
      },
    ],
  };
}

/** Cards read some Markdown: a reason must not become a link that says one thing and leads to another. */
function guarded(text: string): string {
  return text.replaceAll(/[\\`*_[\]()#!|~]/g, '\\$&').replaceAll(/:\/\//g, ':\u200b//');
}
