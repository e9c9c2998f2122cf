import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { read } from './import-walk.ts';

const PAGE = read('docs/training/README.md');

describe('when the course is read', () => {
  test('its parts are two hours in all', () => {
    const minutes = [...PAGE.matchAll(/^\| \[[^\]]+\]\(#[^)]+\) +\| +(\d+) /gm)].map(([, told]) => Number(told));
    assert.equal(minutes.length, 8);
    assert.equal(
      minutes.reduce((sum, one) => sum + one),
      120,
    );
  });

  test('each part has a goal, and each question of the end an answer', () => {
    const goals = PAGE.slice(PAGE.indexOf('What each part is for'), PAGE.indexOf('## Before'));
    for (const part of [1, 2, 3, 4, 5, 6]) assert.match(goals, new RegExp(`^- \\*\\*(?:Before, )?${part}\\*\\*:`, 'm'));
    const [questions = '', answers = ''] = PAGE.slice(PAGE.indexOf('## The end')).split('<summary>Answers</summary>');
    const numbers = (text: string): readonly string[] => text.match(/^\d+(?=\. )/gm) ?? [];
    assert.equal(numbers(questions).length, 10);
    assert.deepEqual(numbers(answers), numbers(questions));
  });
});
