import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { breachOf, filesUnder, importsOf, read } from './import-walk.ts';
import { ROOMS, roomOf } from './rooms.ts';

const HOUSE = ['src', 'activities', 'workflows'];

describe('when every import of the house is walked', () => {
  test('none leads into a room that the table does not allow', () => {
    const breaches = filesUnder(...HOUSE).flatMap((path) =>
      importsOf(path, read(path)).flatMap((one) => breachOf(one) ?? []),
    );
    assert.deepEqual(breaches, []);
  });

  test('every file stands in a room', () => {
    assert.deepEqual(
      filesUnder(...HOUSE).filter((path) => roomOf(path) === undefined),
      [],
    );
  });

  test('every room that the table speaks of is in the table', () => {
    const names = ROOMS.map((room) => room.name);
    const spoken = ROOMS.flatMap((room) => [...room.rooms, ...(room.types ?? [])]);
    assert.deepEqual(
      spoken.filter((name) => !names.includes(name)),
      [],
    );
  });
});

describe('when somebody breaks the law', () => {
  const cases: readonly (readonly [file: string, code: string, expected: RegExp])[] = [
    ['src/domain/x.ts', "import '../ports/cluster.ts';", /domain" must not see "ports"/],
    ['src/domain/x.ts', "import { z } from 'zod';", /must not import the package/],
    ['src/policy/x.ts', "import { readFile } from 'node:fs/promises';", /policy" must not import the package/],
    ['src/policy/x.ts', "import { PortError } from '../ports/port-error.ts';", /sees only types of "ports"/],
    ['src/plan/x.ts', "import { ENGINE_QUEUE } from '../contract/task-queues.ts';", /sees only types of "contract"/],
    ['src/plan/x.ts', "import { type A, B } from '../contract/plan.ts';", /sees only types of "contract"/],
    ['src/contract/x.ts', "import { sleep } from '@temporalio/workflow';", /takes only define\* of it, not sleep/],
    ['src/contract/x.ts', "import * as wf from '@temporalio/workflow';", /takes only define\*/],
    ['src/ports/x.ts', "import type { V1Pod } from '@kubernetes/client-node';", /must not import the package/],
    ['src/adapters/registry/acr/x.ts', "import '../memory.ts';", /registry\/acr must not see adapter registry\/memory/],
    ['src/adapters/registry/memory.ts', "import './acr/x.ts';", /must not see adapter registry\/acr/],
    ['src/adapters/cluster/kubernetes/x.ts', "import '../../registry/acr/x.ts';", /must not see adapter registry\/acr/],
    ['src/adapters/cluster/kubernetes/x.ts', "import '@temporalio/activity';", /must not import the package/],
    ['src/adapters/cluster/kubernetes/x.ts', "import '../../../policy/x.ts';", /must not see "policy"/],
    ['workflows/release.ts', "import 'node:fs';", /workflows" must not import the package/],
    ['workflows/release.ts', "import type { A } from '../activities/index.ts';", /must not see "activities"/],
    ['workflows/steps/x.ts', "const m = await import('../../src/policy/x.ts');", /must not see "policy"/],
    ['workflows/x.ts', "type A = import('../src/ports/cluster.ts').Cluster;", /must not see "ports"/],
    ['activities/registry.ts', "export * from '../src/adapters/registry/acr/x.ts';", /must not see "adapters"/],
    ['activities/registry.ts', "import '../local/tools/tool-path.ts';", /must not import what is outside the house/],
    ['src/client/x.ts', "import '../adapters/registry/memory.ts';", /client" must not see "adapters"/],
    ['src/cli/commands/x.ts', "import '../../adapters/registry/memory.ts';", /cli" must not see "adapters"/],
    ['src/worker/main.ts', "import '../adapters/registry/memory.ts';", /worker" must not see "adapters"/],
    ['src/config/x.ts', "import '../../../elsewhere/x.ts';", /must not leave the repository/],
  ];
  for (const [file, code, expected] of cases) {
    test(`${file} may not say ${code}`, () => {
      const [breach] = importsOf(file, code).map(breachOf);
      assert.match(breach ?? 'no breach', expected);
      assert.ok(breach?.startsWith(`${file}:1 → `), 'the offending path comes first');
    });
  }
});

describe('when a line keeps the law', () => {
  const cases: readonly (readonly [file: string, code: string])[] = [
    ['src/policy/x.ts', "import type { RunningPod } from '../ports/cluster.ts';"],
    ['src/plan/x.ts', "import { type PromotionPlan } from '../contract/plan.ts';"],
    ['src/contract/x.ts', "import { defineQuery, defineUpdate } from '@temporalio/workflow';"],
    ['src/adapters/registry/acr/x.ts', "import { sha256 } from '../../../content/digest-of.ts';"],
    ['src/adapters/registry/acr/x.ts', "import './inner/y.ts';"],
    ['src/worker/wire.ts', "import '../adapters/registry/acr/x.ts';"],
    ['src/cli/wire.ts', "import '../adapters/registry/acr/x.ts';"],
    ['src/worker/main.ts', "import './wire.ts';"],
    ['local/demo/x.ts', "import '../../src/adapters/registry/memory.ts';"],
  ];
  for (const [file, code] of cases) {
    test(`${file} may say ${code}`, () => {
      assert.deepEqual(importsOf(file, code).map(breachOf), [undefined]);
    });
  }
});
