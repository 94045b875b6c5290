import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundleAgent } from './bundle-agent.ts';

test('[FP12] the one script has words for what is wrong, and its other commands load', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { script } = await bundleAgent(folder, null);
  const path = join(folder, 'agent.mjs');
  writeFileSync(path, script);
  const agent = (...args: string[]) =>
    spawnSync(process.execPath, [path, ...args, '--data-dir', folder], { encoding: 'utf8' });
  expect(agent('run', '--tls', 'perhaps').stderr).toContain('tls: Invalid option: expected one of "direct"');
  expect(agent('doctor', '--json').stdout).toContain('"findings"');
  expect(agent('status').stderr).toContain('has the agent run here?');
}, 60_000);
