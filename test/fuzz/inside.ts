/** The targets that need no daemon: they run in this process. */
import { clients } from './clients-target.ts';
import { control } from './control-target.ts';
import { fifo } from './fifo-target.ts';
import { files } from './files-target.ts';
import { packets } from './packets-target.ts';
import type { Target } from './target.ts';

export const insideTargets: readonly Target[] = [packets, files, fifo, clients, control];
