/** A mirror of whatever rows there are. */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { EcrMirror } from '../../lib/index';
import { TIMEOUT } from './setting';

const mirror = new EcrMirror(new Stack(new App(), 'Bench'), 'Mirror');
const controller = mirror.controller.node.defaultChild as CfnFunction;
controller.addPropertyOverride('Environment.Variables.NODE_OPTIONS', `--require ${join(__dirname, 'heap.cjs')}`);
const timeout = process.env[TIMEOUT];
if (timeout !== undefined) controller.timeout = Number(timeout);
