/** A real Prometheus that scrapes workers every second and evaluates the rules of production. It comes in the same package as promtool. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../../../local/tools/free-port.ts';
import { startProgram } from '../../../local/tools/program.ts';
import { until } from '../../../local/tools/until.ts';

export interface Prometheus {
  /** Rules that have fired at any time since it was started. */
  fired(): Promise<readonly string[]>;
  /** What is wrong with targets and rules, in Prometheus' own words; empty: nothing. */
  problems(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface Settings {
  readonly promtool: string;
  readonly rules: string;
  readonly targets: readonly string[];
  readonly dir: string;
}

const START_MS = 60_000;

export async function startPrometheus({ promtool, rules, targets, dir }: Settings): Promise<Prometheus> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const configuration = join(dir, 'prometheus.yml');
  const every = { scrape_interval: '1s', evaluation_interval: '1s' };
  const job = { job_name: 'sluice-worker', static_configs: [{ targets }] };
  writeFileSync(configuration, stringify({ global: every, rule_files: [rules], scrape_configs: [job] }));
  const program = await startProgram({
    name: 'prometheus',
    file: join(dirname(promtool), 'prometheus'),
    args: [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    logFile: join(dir, 'prometheus.log'),
  });
  const ask = async <Answer>(path: string): Promise<Answer> => {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: Answer; error?: string };
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  };
  await until(
    () =>
      ask('targets').then(
        () => true,
        () => false,
      ),
    {
      what: `prometheus (log: ${program.logFile})`,
      timeoutMs: START_MS,
      hopeless: program.ended.then((how) => `it ended (${how}):\n${program.logTail()}`),
    },
  );
  return {
    async fired() {
      const query = encodeURIComponent('max_over_time(ALERTS{alertstate="firing"}[1h])');
      const { result } = await ask<{ result: { metric: { alertname: string } }[] }>(`query?query=${query}`);
      return [...new Set(result.map(({ metric }) => metric.alertname))].sort();
    },
    async problems() {
      const { activeTargets } = await ask<{ activeTargets: { scrapeUrl: string; lastError: string }[] }>('targets');
      const { groups } = await ask<{ groups: { rules: { name: string; lastError?: string }[] }[] }>('rules');
      const said = [
        ...activeTargets.map(({ scrapeUrl, lastError }) => ({ of: scrapeUrl, lastError })),
        ...groups.flatMap(({ rules: all }) => all.map(({ name, lastError = '' }) => ({ of: name, lastError }))),
      ];
      return said.filter(({ lastError }) => lastError !== '').map(({ of, lastError }) => `${of}: ${lastError}`);
    },
    stop: () => program.stop(),
  };
}
