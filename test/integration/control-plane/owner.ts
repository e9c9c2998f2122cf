/** A process that owns a control plane and does nothing else: for the test that kills it. */
import { startControlPlane } from '../../../local/control-plane/index.ts';

const [binary = '', dir = ''] = process.argv.slice(2);
const plane = await startControlPlane({ binary, dir });
console.log(plane.pid);
