/** Joins docs/spec/*.md into docs/SPEC.md, in the order of the product. `--check` fails when they differ. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ORDER = [
  'link',
  'fleet',
  'collectors',
  'inventory',
  'inventory-parsers',
  'intake',
  'cmdb',
  'search',
  'classes',
  'assets',
  'imports',
  'history',
  'relations',
  'service-map',
  'findings',
  'changes',
  'software',
  'licences',
  'twin',
  'metrics',
  'remote-write',
  'rules',
  'rule-functions',
  'correlation',
  'maintenance',
  'presence',
  'calendars',
  'availability',
  'capacity',
  'incidents',
  'notify',
  'access',
  'install',
  'package',
  'release',
  'footprint',
  'rollout',
  'agent-tools',
  'configuration',
  'checks',
  'windows',
  'dashboard',
  'sim',
  'year',
];
const DOCS = join(import.meta.dirname, '..', 'docs');
const HEAD = `# What Muster does, rule by rule

Each rule has a number that never moves; the test that proves it quotes the number in its name. When a test and this page
disagree, one of them is wrong. Made from \`docs/spec/*.md\` by \`node scripts/join-spec.ts\`.
`;

const text = [HEAD, ...ORDER.map((name) => readFileSync(join(DOCS, 'spec', `${name}.md`), 'utf8').trim())]
  .join('\n\n')
  .replace('\n\n\n', '\n\n');
const file = join(DOCS, 'SPEC.md');
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== `${text}\n`) {
    console.error('docs/SPEC.md is not what docs/spec/*.md make; run `node scripts/join-spec.ts`');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, `${text}\n`);
}
