/** The web server on a real engine with scripted activities. One per test file. */
import type { ReleaseClient } from '../../../src/client/index.ts';
import { type ServeOptions, type WebServer, serveWeb } from '../../../src/web/server.ts';
import { IMAGE, MANIFESTS } from '../../support/scripted-activities.ts';
import { type Engine, startEngine } from '../client/engine.ts';

export interface WebSite {
  readonly engine: Engine;
  readonly web: WebServer;
  readonly pipeline: ReleaseClient;
  readonly anna: ReleaseClient;
  /** Starts a release of this content; another name is another image. */
  start(service: string, version: string): Promise<void>;
  /** Resolves when the release waits for a person. */
  untilItWaits(service: string, version: string): Promise<void>;
  address(path: string): string;
  stop(): Promise<void>;
}

export async function startSite(options: Partial<ServeOptions> = {}): Promise<WebSite> {
  const engine = await startEngine();
  const [pipeline, anna] = await Promise.all([engine.client('pipeline'), engine.client('anna')]);
  const defects: unknown[] = [];
  const web = await serveWeb({
    address: '127.0.0.1',
    port: 0,
    namespace: engine.namespace,
    temporalUi: 'http://temporal.example.test/',
    open: () => engine.client('web'),
    onDefect: (error) => defects.push(error),
    ...options,
  });
  return {
    engine,
    web,
    pipeline,
    anna,
    start: async (service, version) => {
      const image = `${IMAGE.repository}@${IMAGE.digest}`;
      await pipeline.startRelease({ service, version, image, manifests: MANIFESTS });
    },
    untilItWaits: async (service, version) => {
      for await (const event of pipeline.watch({ service, version })) if (event.kind === 'waiting') return;
    },
    address: (path) => new URL(path, web.url).href,
    async stop() {
      await web.close();
      await engine.stop();
      if (defects.length > 0) throw new AggregateError(defects, 'the web server had defects');
    },
  };
}

/** Visibility is a moment behind the histories: asks until it holds; the test's own limit ends what never comes true. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
