import { BEHAVIOUR } from './behaviour.ts';
import { CLUSTER } from './cluster.ts';
import { DRIVER } from './driver.ts';
import { ENGINE } from './engine.ts';
import type { Mutation } from './mutation.ts';
import { PROTOCOL } from './protocol.ts';
import { RESOURCES } from './resources.ts';

export const MUTATIONS: readonly Mutation[] = [...PROTOCOL, ...CLUSTER, ...RESOURCES, ...ENGINE, ...DRIVER, ...BEHAVIOUR];
