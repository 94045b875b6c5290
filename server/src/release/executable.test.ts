import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundleAgent } from '../install/bundle-agent.ts';
import { buildExecutable, canBuildExecutable } from './executable.ts';
import { nodePackages, nodeProgram } from './node-packages.ts';
import { signatureOf, withoutSignature } from './pe-signature.ts';

const MINUTES_MAX = 5;

test('[PK14] agent and Node as one program run where there is no Node, and are the same bytes when they are made again', {
  timeout: MINUTES_MAX * 60_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-executable-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const own = (await nodePackages()).find(
    ({ platform }) => platform === `${process.platform}-${process.arch}`,
  );
  if (own === undefined) return context.skip('no Node of this platform is pinned');
  const node = await nodeProgram(own, join(folder, 'nowhere'));
  expect(canBuildExecutable(node)).toBe(true);
  const { script } = await bundleAgent(folder, null);
  const program = await buildExecutable(script, node);
  const path = join(folder, 'muster-agent');
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  const output = (...args: string[]) =>
    execFileSync(path, args, { encoding: 'utf8', env: {}, maxBuffer: 64 << 20 });
  expect(output('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(JSON.parse(output('inventory'))).toMatchObject({
    sections: { os: { complete: expect.any(Boolean) as boolean } },
  });
  expect(Buffer.compare(program, await buildExecutable(script, node))).toBe(0);
});

test('[PK14] a Node of another version is not put together with this one', () => {
  expect(canBuildExecutable({ platform: 'win-arm64', version: '1.0.0', path: '/nowhere' })).toBe(false);
});

/** The headers of a 64-bit Windows program with a signature at its end. */
function signedProgram(): Buffer {
  const bytes = Buffer.alloc(600, 1);
  bytes.writeUInt32LE(100, 0x3c);
  bytes.writeUInt16LE(0x20b, 124);
  bytes.writeUInt32LE(77, 124 + 64);
  bytes.writeUInt32LE(500, 124 + 112 + 32);
  bytes.writeUInt32LE(100, 124 + 112 + 36);
  return bytes;
}

test('[PK14] the signature of a Windows program goes, with what points to it, before something is added', () => {
  expect(signatureOf(signedProgram())).toEqual({ offset: 500, bytes: 100 });
  const unsigned = Buffer.from(withoutSignature(signedProgram()));
  expect(signatureOf(unsigned)).toBeNull();
  expect(unsigned.length).toBe(500);
  for (const field of [124 + 64, 124 + 112 + 32, 124 + 112 + 36])
    expect(unsigned.readUInt32LE(field)).toBe(0);
  expect(Buffer.compare(Buffer.from(withoutSignature(unsigned)), unsigned)).toBe(0);
});

test('[PK14] what is no 64-bit program for Windows is not touched', () => {
  const bytes = signedProgram();
  bytes.writeUInt16LE(0x10b, 124);
  expect(() => withoutSignature(bytes)).toThrow('64-bit');
});
