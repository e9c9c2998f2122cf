/**
 * What simulated clusters lack: somebody who answers for the pods. Asked for `/<environment>/health`, answers what the image that
 * the simulated deployment names would answer there.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { EXAMPLES, type ExampleName, readExample } from '../../examples/images.ts';
import { hexOf, parseDigest } from '../../src/domain/digest.ts';
import { type Behaviour, behaviourUnder, parseBehaviour } from '../nodes/behaviour.ts';
import { openLayer } from '../nodes/layer.ts';
import { bodyOf } from '../nodes/program.ts';
import { ENVIRONMENTS } from './world.ts';

export interface SimulatedHealth {
  /** Full health addresses by environment, for `health.urls`. */
  readonly urls: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const PATH = '/health';

/** `imagesIn` names the images that an environment's simulated deployments run now. */
export async function startSimulatedHealth(
  imagesIn: (environment: string) => readonly string[],
): Promise<SimulatedHealth> {
  const behaviours = new Map<string, Behaviour>();
  for (const name of EXAMPLES) behaviours.set(readExample(name).image.digest, await behaviourOf(name));
  const server = createServer((request, response) => {
    request.resume();
    const [, environment = ''] = (request.url ?? '').split('/');
    const behaviour = behaviours.get(digestIn(imagesIn(environment)[0] ?? ''));
    const answer = behaviour && behaviourUnder(behaviour, { ENVIRONMENT: environment }).responses[PATH];
    const { text, type } = bodyOf(answer ?? { body: `nothing answers in ${environment}` });
    response.writeHead(answer?.status ?? 503, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    urls: Object.fromEntries(ENVIRONMENTS.map(({ name }) => [name, `http://127.0.0.1:${port}/${name}${PATH}`])),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function behaviourOf(name: ExampleName): Promise<Behaviour> {
  const { layers } = JSON.parse(Buffer.from(readExample(name).image.bytes).toString()) as {
    layers: readonly { digest: string; mediaType: string }[];
  };
  let text = '{}';
  for (const { digest, mediaType } of layers) {
    const blob = new URL(
      `../../examples/iam/images/${name}/blobs/sha256/${hexOf(parseDigest(digest))}`,
      import.meta.url,
    );
    const { effect } = await openLayer(fileURLToPath(blob), mediaType);
    if (effect.kind === 'written') text = effect.text;
  }
  return parseBehaviour(text);
}

function digestIn(image: string): string {
  return image.slice(image.indexOf('@') + 1);
}
