/** The engine: reachable, its namespace, its search attributes, who serves the queues. */
import type { EngineReport } from '../../client/index.ts';
import { temporalAccess, userWithoutLogin } from '../../config/load.ts';
import { type Finding, finding, unwell, well } from './finding.ts';

export async function examineTemporal(environments: readonly string[]): Promise<readonly Finding[]> {
  let report: EngineReport | undefined;
  const reached = await finding('temporal', async () => {
    const { inspectEngine } = await import('../../client/index.ts');
    const { address, namespace, connection } = temporalAccess();
    report = await inspectEngine({ address, namespace, connection, user: userWithoutLogin() }, environments);
    return well('temporal', `${address}, namespace ${namespace}, server ${report.server}`);
  });
  if (report === undefined) return [reached];
  return [reached, await attributes(report), ...report.queues.map(queue)];
}

async function attributes(report: EngineReport): Promise<Finding> {
  const { missingAttributes } = report;
  const about = 'search attributes';
  if (missingAttributes.length === 0) return well(about, 'all registered');
  const { registering } = await import('../../client/index.ts');
  return unwell(
    about,
    `not registered: ${missingAttributes.join(', ')}; no release can start without them`,
    registering(report, missingAttributes),
  );
}

function queue({ queue: name, workers, lastSeen }: EngineReport['queues'][number]): Finding {
  const about = `queue ${name}`;
  if (workers.length > 0) return well(about, `served by ${workers.join(', ')}`);
  const seen = lastSeen === undefined ? '' : `; the last worker asked at ${lastSeen}`;
  const option = name.includes('-') ? `--environments ${name.slice(name.indexOf('-') + 1)}` : '--engine';
  return unwell(about, `no worker serves it${seen}`, `sluice worker ${option}`);
}
