// Pulumi starts a pack through ts-node, which knows no `.ts` in an import; Node itself does, once it reads modules.
import './pack.ts';
