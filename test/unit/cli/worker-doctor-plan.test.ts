import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkedEnvironments, withSimulatedClusters } from '../../../src/cli/worker-options.ts';
import { examineApprovals } from '../../../src/cli/doctor/approvals.ts';
import { finding, well } from '../../../src/cli/doctor/finding.ts';
import { renderFindings } from '../../../src/cli/doctor/render-findings.ts';
import { renderForecast } from '../../../src/cli/render/plan.ts';
import { plain } from '../../../src/cli/terminal.ts';
import type { ForecastResult } from '../../../src/contract/release-workflow.ts';
import type { ManifestChanges } from '../../../src/domain/manifest-change.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { NO_BASELINE, planned } from '../../support/scripted-activities.ts';
import { GOOD, read } from '../config/written.ts';
import { DIGEST, PLAN } from '../client/views.ts';

describe('when a worker is asked for environments', () => {
  const config = read(GOOD);

  test('each counts once, and one that does not exist is refused with a guess', () => {
    assert.deepEqual(checkedEnvironments(config, ['dev', 'dev']), ['dev']);
    assert.throws(
      () => checkedEnvironments(config, ['dev', 'prodution']),
      /"prodution" \(did you mean "production"\?\)/,
    );
    assert.throws(() => checkedEnvironments(config, ['']), { code: 'environment-unknown' });
  });

  test('simulated clusters take the place of all others, and nothing else changes', () => {
    const simulated = withSimulatedClusters(config);
    assert.deepEqual(
      Object.values(simulated.environments).map((one) => one.cluster),
      [{ kind: 'simulated' }, { kind: 'simulated' }],
    );
    assert.equal(simulated.rulebook, config.rulebook);
    assert.equal(simulated.environments['dev']?.registry, config.environments['dev']?.registry);
  });
});

describe('when the doctor looks at something', () => {
  test('what is thrown becomes a finding with its code and remedy', async () => {
    const found = await finding('registry dev', () =>
      Promise.reject(new PortError('registry-forbidden', 'may not', { retry: 'no', remedy: 'assign AcrPull' })),
    );
    assert.deepEqual(found, {
      about: 'registry dev',
      state: 'unwell',
      detail: 'may not (registry-forbidden)',
      remedy: 'assign AcrPull',
    });
    assert.deepEqual(renderFindings([found, well('temporal', 'answers')], plain).split('\n'), [
      '✗ registry dev: may not (registry-forbidden)',
      '    assign AcrPull',
      '✓ temporal: answers',
      '1 to repair',
    ]);
  });
});

describe('when the doctor looks at approvals', () => {
  const found = (not: string) => {
    const authors = "authors: [{ predicateType: 'https://slsa.dev/provenance/v1', at: [/build/actor] }]";
    const text = GOOD.replace('trust:\n', `trust:\n  ${authors}\n`).replace('expiresAfter: 12h', `not: ${not}`);
    return examineApprovals(read(text));
  };

  test('"not: [author]" is pointed out, because it lets the requester approve; that is doubtful, not unwell', () => {
    const [doubt] = found('[author]');
    assert.deepEqual([doubt?.about, doubt?.state], ['approvals of production', 'doubtful']);
    assert.match(doubt?.remedy ?? '', /\[requester, author\]/);
    assert.match(renderFindings(found('[author]'), plain), /^! approvals of production: .*\n.*\n1 to look at$/);
  });

  test('who keeps out both, or says that nobody is kept out, knows what they do', () => {
    assert.deepEqual([...found('[requester, author]'), ...found('[]'), ...found('[requester]')], []);
  });
});

describe('when a plan is shown', () => {
  const request = {
    service: 'iam',
    version: '1.0.0',
    environment: 'production',
    source: 'staging',
    image: { repository: 'iam', digest: DIGEST },
    manifests: PLAN,
    manifestsPublished: false,
  };

  test('the undo is listed backwards, and only what can be undone', () => {
    const result: ForecastResult = {
      promotions: [{ environment: 'production', answer: { ...planned(request), baseline: NO_BASELINE } }],
    };
    const text = renderForecast(result, plain);
    const undo = text.slice(text.indexOf('undo, last step first:'));
    assert.ok(undo.indexOf('apply-manifests') < undo.indexOf('lock-image'));
    assert.ok(undo.indexOf('lock-image') < undo.indexOf('import'));
    assert.doesNotMatch(undo, /verify-digest|health/);
    assert.match(text, /^production {2}iam 1\.0\.0, iam@sha256:abababababab; nothing released/);
  });

  test('who made the image is said where they may not approve it', () => {
    const approval = { required: 1, from: ['managers'], notRequester: true, notAuthor: true, deadlineMs: 1 } as const;
    const answer = planned(request, { approvals: { production: approval }, authors: ['zoe', 'ada'] });
    const text = renderForecast({ promotions: [{ environment: 'production', answer }] }, plain);
    assert.match(text, /needs 1 approval\(s\) from managers, not from whoever made the image\n {2}made by zoe, ada\n/);
  });

  test('what changes in the manifests stands before the undo, value by value', () => {
    const where = { apiVersion: 'v1', namespace: 'iam', name: 'iam' };
    const changes: ManifestChanges = {
      against: '0.9.0',
      objects: [
        {
          ref: { ...where, kind: 'ConfigMap' },
          change: 'changed',
          values: [
            { path: '/data/LEVEL', before: '"info"', after: '"debug"' },
            { path: '/data/app.yaml', line: 3, after: 'port: 80' },
            { path: '/data/old', before: '"x"' },
          ],
          more: 2,
        },
        { ref: { ...where, kind: 'Secret' }, change: 'changed', values: [{ path: '/data/k', hidden: true }], more: 0 },
        { ref: { ...where, kind: 'Service' }, change: 'added', values: [], more: 0 },
      ],
      same: 1,
      more: 0,
    };
    const text = (shown: ManifestChanges): string =>
      renderForecast(
        { promotions: [{ environment: 'production', answer: { ...planned(request), changes: shown } }] },
        plain,
      );
    assert.ok(
      text(changes).includes(
        [
          '  manifests against 0.9.0: of the objects 2 change, 1 is new; 1 stays as it is',
          '    ~ configmap/iam',
          '        /data/LEVEL  "info" → "debug"',
          '        /data/app.yaml line 3  + port: 80',
          '        /data/old  - "x"',
          '        and 2 more',
          '    ~ secret/iam',
          '        /data/k  changes (a secret, not shown)',
          '    + service/iam',
          '  undo, last step first:',
        ].join('\n'),
      ),
      text(changes),
    );
    const foreign = { by: 'kubectl-edit', at: 'yesterday' };
    const cluster: ManifestChanges = {
      inCluster: 'today',
      notes: ['the manifests of 0.9.0 are gone'],
      against: '0.9.0',
      objects: [
        {
          ref: { ...where, kind: 'ConfigMap' },
          change: 'changed',
          foreign: true,
          values: [
            { path: '/data/LEVEL', before: '"debug"', after: '"info"', foreign },
            { path: '/data/k', after: '"v"', foreign: {} },
            { path: '/data/token', hidden: true, foreign: { by: 'kubectl' } },
          ],
          more: 0,
        },
        { ref: { ...where, kind: 'Service' }, change: 'added', foreign: true, values: [], more: 0 },
      ],
      same: 1,
      more: 0,
    };
    assert.ok(
      text(cluster).includes(
        [
          '  the manifests of 0.9.0 are gone',
          '  in the cluster, where 0.9.0 runs, as of today: of the objects 1 changes, 1 is new; 1 stays as it is; in 2 of them it takes back what others have done there',
          '    ~ configmap/iam',
          '        /data/LEVEL  "debug" → "info"  set by kubectl-edit, which last wrote yesterday',
          '        /data/k  + "v"  taken away by somebody else',
          '        /data/token  changes (a secret, not shown)  set by kubectl',
          '    + service/iam  is gone, and comes back',
        ].join('\n'),
      ),
      text(cluster),
    );
    const unknown = { against: '0.9.0', unknown: 'it is gone', objects: [], same: 0, more: 0 };
    assert.match(text(unknown), /\n {2}manifests: what changes against 0\.9\.0 is not known: it is gone\n/);
  });

  test('an environment that would refuse says why, with the code', () => {
    const refusal = { code: 'tag-conflict', message: 'the tag means another digest' } as const;
    const result: ForecastResult = { promotions: [{ environment: 'staging', answer: { ok: false, refusal } }] };
    assert.equal(renderForecast(result, plain), 'staging  refused: the tag means another digest (tag-conflict)');
  });
});
