/** What `pulumi up` runs: the parameters named by `sluice:parameters` (default `parameters.yaml`), read whole before anything is made. */
import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { buildEstate } from './estate.ts';
import { readParameters } from './parameters/read.ts';

const file = new pulumi.Config('sluice').get('parameters') ?? 'parameters.yaml';
const outputs = buildEstate(readParameters(file, readFileSync(file, 'utf8')));

export const build = outputs.build;
export const signingKey = outputs.signingKey;
export const environments = outputs.environments;
