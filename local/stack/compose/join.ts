/** The `nodes` service of docker-compose.yml; runs until it is told to stop. */
import { parseArgs } from 'node:util';
import { aborted, interruption } from '../interruption.ts';
import { startedParts } from '../parts.ts';
import { joinWorld } from './join-world.ts';

const { values } = parseArgs({
  options: {
    emulator: { type: 'string', default: '/emulator' },
    cluster: { type: 'string', default: '/cluster' },
    world: { type: 'string', default: '/world' },
  },
});
const signal = interruption();
const parts = startedParts({ signal, onUp: (name) => console.log(`up: ${name}`) });
try {
  await joinWorld(parts, {
    emulatorDir: values.emulator,
    emulatorHost: 'emulator',
    clusterDir: values.cluster,
    apiServer: 'https://k3s:6443',
    temporalAddress: 'temporal:7233',
    worldDir: values.world,
  });
  await aborted(signal);
} finally {
  await parts.stop();
}
