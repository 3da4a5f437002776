#!/usr/bin/env node
// Writes the reference page of ha.cf from the directive table: node --import tsx scripts/lib/directive-page.mjs
import { writeFileSync } from 'node:fs';
import { describeDirectives } from '../../src/config/directives.ts';
import { directivePage } from '../../src/config/reference-page.ts';
import { mediaCatalog } from '../../src/media/index.ts';

writeFileSync(new URL('../../etc/ha.d/ha.cf.md', import.meta.url), directivePage(describeDirectives(mediaCatalog)));
