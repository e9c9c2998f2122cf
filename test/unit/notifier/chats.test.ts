import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { slackMessage } from '../../../src/adapters/notifier/webhook/slack.ts';
import { teamsCard } from '../../../src/adapters/notifier/webhook/teams.ts';
import { EVENTS } from '../../../src/domain/notification.ts';
import { anEvent, WAITING } from '../../support/events.ts';

const FORMS = { Slack: slackMessage, Teams: teamsCard } as const;
const said = (form: keyof typeof FORMS, reason: string): string => {
  const { waiting } = WAITING;
  assert.ok(waiting);
  return JSON.stringify(FORMS[form](anEvent({ waiting: { ...waiting, reason } })));
};

describe('a message for a chat', () => {
  for (const [name, form] of Object.entries(FORMS)) {
    test(`says what, why, for whom, since and until when, what then and what to type (${name})`, () => {
      const text = JSON.stringify(form(anEvent())).replaceAll('\\', '').replaceAll('&gt;', '>');
      for (const part of [
        'iam 2026.11.3 → production is waiting',
        'production wants 1 yes',
        '1 of release-managers',
        '2026-11-24T10:00:00.000Z',
        '2026-11-27T10:00:00.000Z',
        'the release is refused',
        'sluice approve iam 2026.11.3',
      ]) {
        assert.ok(text.includes(part), `${part} in ${text}`);
      }
    });

    test(`says who stopped what, until when, and who lifted it (${name})`, () => {
      const { waiting: _, version: __, service: ___, ...data } = WAITING;
      const restraint = {
        ...({ kind: 'stop', by: 'grace', reason: 'errors', incident: 'INC-1' } as const),
        ...{ since: '2026-11-24T10:00:00.000Z', until: '2026-11-24T12:00:00.000Z' },
      };
      const lifted = { by: 'otto', reason: 'it was the network' };
      const event = {
        ...anEvent(),
        data: { ...data, about: 'environment', event: 'lifted', restraint, lifted } as const,
      };
      const text = JSON.stringify(form(event)).replaceAll('\\', '');
      for (const part of [
        'production: the stop on every service is lifted',
        'stop: grace stopped every service: errors (incident INC-1), until 2026-11-24T12:00:00.000Z',
        'otto: it was the network',
      ]) {
        assert.ok(text.includes(part), `${part} in ${text}`);
      }
    });

    test(`says whose word lets it pass which gate, and of a roll-back that it is one (${name})`, () => {
      const { waiting: _, ...data } = WAITING;
      const overridden = { gates: ['freeze', 'stop'], by: 'ada', reason: 'INC-1' };
      const text = JSON.stringify(form({ ...anEvent(), data: { ...data, event: 'overridden', overridden } }));
      for (const part of ['may pass a closed gate', 'freeze, stop', 'ada']) assert.ok(text.includes(part), text);
      const back = JSON.stringify(form({ ...anEvent(), data: { ...data, about: 'rollback', event: 'started' } }));
      assert.match(back, /roll-back/);
    });

    test(`exists for every event (${name})`, () => {
      for (const event of EVENTS) {
        const { waiting: _, ...data } = { ...WAITING, event };
        assert.ok(!JSON.stringify(form(anEvent(data))).includes('undefined'), event);
      }
    });

    test(`stays small, however long a reason is (${name})`, () => {
      const { waiting } = WAITING;
      assert.ok(waiting);
      const long = 'x'.repeat(100_000);
      const data = { waiting: { ...waiting, reason: long, for: long, answer: Array<string>(20).fill(long) } };
      assert.ok(JSON.stringify(form(anEvent(data))).length < 28_000);
    });
  }

  test('calls nobody and links to nothing because a reason says so (Slack)', () => {
    const text = said('Slack', '<!channel> <https://evil.example.test|click> ``` & so on');
    assert.ok(text.includes('&lt;!channel&gt;') && !text.includes('<!channel>') && !text.includes('<https'));
    assert.equal(text.match(/```/g)?.length, 2, 'the block of commands is where it was');
  });

  test('links to nothing because a reason says so (Teams)', () => {
    const text = said('Teams', '[click](https://evil.example.test) **now** # head');
    assert.ok(text.includes('\\\\[click\\\\]\\\\(https:\u200b//evil'), text);
  });

  test('holds no characters that steer', () => {
    for (const form of ['Slack', 'Teams'] as const)
      assert.doesNotMatch(said(form, 'a\u202eb\u0007c'), /\u202e|\\u0007/);
  });
});
