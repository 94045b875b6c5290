/**
 * Every PowerShell that leaves the server or runs on a machine, read by a grammar. There is no PowerShell here: what these texts do is
 * not shown, only that they are PowerShell, that what they call is there, and that certain words stand in them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { powershell, TRIGGERED_STATEMENT } from '@muster/agent/windows/powershell.ts';
import { installLines } from '@muster/server/install/lines.ts';
import { windowsTexts } from '@muster/server/install/windows-files.ts';
import { windowsScript } from '@muster/server/packages/windows/scripts.ts';
import { describe, expect, test } from 'vitest';
import { readScript } from './powershell-grammar.ts';

const SOURCES = join(import.meta.dirname, '../agent/src/service/windows');
const source = (name: string) => readFileSync(join(SOURCES, name), 'utf8');
const stamp = { version: '1.2.0+0a1b2c3d', releaseKey: 'k'.repeat(43) };

const served = windowsTexts(stamp);
const install = served.get('windows.ps1') ?? '';
const uninstall = served.get('uninstall.ps1') ?? '';
const line =
  installLines({
    token: `enr_${'a'.repeat(20)}_${'0'.repeat(64)}`,
    publicUrl: 'https://muster.example:8420',
    serverKey: 'k'.repeat(43),
    tlsPin: `${'P'.repeat(43)}=`,
    tls: 'direct',
    checksums: {
      sums: 'a'.repeat(64),
      installer: 'b'.repeat(64),
      macosInstaller: null,
      windowsInstaller: 'c'.repeat(64),
    },
  }).windows ?? '';
const helper = powershell('C:\\Windows');
const SCRIPTS = new Map([
  ['windows.ps1, as served', install],
  ['uninstall.ps1, as served', uninstall],
  ['install.ps1, in the archive', windowsScript('install.ps1', stamp)],
  ['the pasted line', line],
  // Its questions to CIM have lists of bare words, which this grammar does not know.
  ['what the agent tells its helper', `${helper.preamble}${helper.line('mark', TRIGGERED_STATEMENT)}`],
]);

/** Of Windows PowerShell 5.1, with which every Windows since 10 and Server 2016 comes. */
const CMDLETS = new Set(
  `Add-LocalGroupMember ConvertFrom-Json ConvertTo-Json Copy-Item Get-Acl Get-ChildItem Get-CimInstance Get-FileHash Get-Item Get-ItemProperty
  Get-Service Join-Path Measure-Object Move-Item New-Item New-ItemProperty New-Object New-Service New-TemporaryFile Out-Null Remove-Item
  Remove-LocalGroupMember Select-Object Set-Acl Set-Location Set-StrictMode Start-Process Start-Service Start-Sleep Start-Transcript
  Stop-Service Stop-Transcript Test-Path Write-Host Write-Verbose`.split(/\s+/),
);
/** With a Windows since 10 (1803) and Server 2019. */
const PROGRAMS = new Set(['curl.exe', 'sc.exe']);

describe.each([...SCRIPTS])('%s', (_name, text) => {
  const script = readScript(text);

  test('[WI31] a grammar of PowerShell reads all of it', () => {
    expect(script.errors).toEqual([]);
    expect(text).not.toMatch(/@[A-Z_]+@/);
  });

  test('[WI31] what it calls is defined in it, or comes with Windows; what it defines is called', () => {
    const called = script.commands.map(({ name }) => name);
    // A variable, or a block that was made of text.
    const byName = called.filter((name) => /^[A-Za-z]/.test(name));
    const known = (name: string) => CMDLETS.has(name) || PROGRAMS.has(name) || script.functions.has(name);
    expect(byName.filter((name) => !known(name))).toEqual([]);
    expect([...script.functions.keys()].filter((name) => !byName.includes(name))).toEqual([]);
  });

  test('[WI31] it reads no variable that nobody sets', () => {
    expect(script.unknownVariables).toEqual([]);
  });
});

test('[WI31] a slip is found: a brace too few, a name of a variable, a name of a function', () => {
  expect(readScript(install.replace('{', '')).errors).not.toEqual([]);
  expect(readScript(install.replaceAll('$address =', '$adress =')).unknownVariables).toEqual(['address']);
  const { functions } = readScript(install.replace('function Get-Sha256', 'function Get-Sha512'));
  expect(functions.has('Get-Sha256')).toBe(false);
});

const installer = readScript(install);
const remover = readScript(uninstall);
const textOf = (name: string) => installer.functions.get(name) ?? '';

test('[WI31] install.cmd, the line and "Installed apps" say options that the scripts know', () => {
  const options = (text: string) => [...text.matchAll(/ -([A-Z]\w+)/g)].map(([, name = '']) => name);
  const ofShell = ['NoProfile', 'NonInteractive', 'ExecutionPolicy', 'File'];
  const ofCmd = options(source('install.cmd')).filter((name) => !ofShell.includes(name));
  expect(ofCmd).toContain('Quiet');
  const ofLine = options(line.slice(line.lastIndexOf('& (')));
  expect(ofLine).toContain('Token');
  expect([...ofCmd, ...ofLine].filter((name) => !installer.parameters.includes(name))).toEqual([]);
  expect(textOf('Set-ProgramsEntry')).toContain('QuietUninstallString = "$uninstall -Quiet"');
  expect(remover.parameters).toEqual(['KeepData', 'Quiet']);
});

test('[WI31] [WI15] each setting of the example file is one that the installer reads', () => {
  const names = [...source('settings.example.txt').matchAll(/^#?([A-Za-z]+)=/gm)].map(
    ([, name = '']) => name,
  );
  expect(names).toContain('Token');
  for (const name of names) expect(textOf('Get-Wanted')).toContain(`Get-Text $file '${name}'`);
});

test('[WI2] the service starts with the machine, the second one only when it is asked for', () => {
  const services = installer.commands.filter(({ name }) => name === 'New-Service').map(({ text }) => text);
  expect(services).toEqual([
    expect.stringMatching(/-Name \$ServiceName .*-StartupType Automatic .*run/),
    expect.stringMatching(/-Name \$PrepareName .*-StartupType Manual .*prepare/),
  ]);
});

test('[WI11] [WI32] no program that is started is told the token, nor the password of a proxy', () => {
  const isProgram = ({ name, text }: { name: string; text: string }) =>
    /\.exe$|^\$Program$|^\$node$/.test(name) ||
    ['Invoke-Program', 'Invoke-Curl', 'Start-Process'].includes(name) ||
    text.startsWith('& $Program');
  const started = [...installer.commands, ...remover.commands].filter(isProgram).map(({ text }) => text);
  expect(started.length).toBeGreaterThan(10);
  expect(started.filter((text) => /token|proxy|\$wanted\b(?!\.)/i.test(text))).toEqual([]);
  // What goes to curl is put together of these alone.
  expect(textOf('Copy-Wanted')).toContain('$address = "$($Wanted.Server)/install/$Name"');
});

test('[WI32] curl hears of the proxy by variables, which are set back, and the agent by its configuration', () => {
  const curl = textOf('Invoke-Curl');
  expect(curl).toContain('http_proxy = $Wanted.Proxy; https_proxy = $Wanted.Proxy');
  expect(curl).toMatch(/finally \{[^}]*SetEnvironmentVariable\(\$name, \$before\[\$name\]\)/s);
  expect(textOf('Write-Config')).toContain(`""proxy"": ""$($Wanted.Proxy)""`);
  expect(
    installer.commands.filter(({ name }) => name === 'curl.exe').every(({ text }) => curl.includes(text)),
  ).toBe(true);
});

test('[WI12] the account has no password and one privilege; it may read the configuration, and write its own folder only', () => {
  expect(install).toContain('$Account = "NT SERVICE\\$ServiceName"');
  const services = textOf('Set-Services');
  expect(services).toContain(`'config', $ServiceName, 'obj=', $Account)`);
  expect(services).toContain(`'privs', $ServiceName, 'SeChangeNotifyPrivilege')`);
  const folders = textOf('Set-StateFolder');
  // Protected: nothing is inherited. 0x1200a9 is to read, 0x1301bf to read, write and delete, neither with the rights to change rights.
  expect(folders).toContain('$all = "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"');
  expect(folders).toContain('Set-Access $State "O:BAD:P$all(A;OICI;0x1200a9;;;$AgentSid)"');
  expect(folders).toContain('Set-Access $Data "O:BAD:P$all(A;OICI;0x1301bf;;;$AgentSid)"');
  expect(textOf('Assert-OwnState')).toContain('$owner -notin $System, $Administrators');
});

/** As they stand in a text, one behind the other. */
function expectInOrder(text: string, words: readonly string[]): void {
  const places = words.map((word) =>
    text.indexOf(`\n${' '.repeat(text.includes(`\n    ${word}`) ? 4 : 2)}${word}`),
  );
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((left, right) => left - right));
}

test('[WI13] nothing is stopped or replaced before all is there; what fails leaves nothing, or what was there before', () => {
  const order = textOf('Invoke-Install');
  const steps = [
    'Assert-Machine',
    '$Wanted = Get-Wanted',
    'Assert-OwnState',
    'New-Stage',
    'Stop-Old',
    'Move-StageInPlace',
  ];
  expectInOrder(order, [
    ...steps,
    '$sid = Set-Services',
    'Set-StateFolder',
    'Write-Config',
    'Set-ProgramsEntry',
  ]);
  expect(order).toContain('if (-not $isFirst) { Start-Service -Name $ServiceName');
  expect(order).toContain('if ($isFirst) { Invoke-Uninstall }');
  const stage = textOf('New-Stage') + textOf('Add-Node');
  const names = (call: RegExp) => [...stage.matchAll(call)].map(([, name = '']) => name);
  const compared = names(/Assert-Sum \$known (\S+) /gi);
  // The list itself is held against the line; Node is compared as it is used.
  const loaded = names(/Copy-Wanted (\S+) /g).filter(
    (name) => !["'sha256sums'", "'node.exe'"].includes(name),
  );
  expect(loaded).toEqual(['$name', "'release.json'", '"node-$platform.gz"']);
  expect(compared).toEqual(['$name', "'release.json'", '"node-$platform.gz"', '"node-$platform"']);
});

test('[WI14] what the installer makes, the uninstaller knows by the same names', () => {
  const value = (text: string, name: string) => new RegExp(`^\\$${name} = (.*?)\\r?$`, 'm').exec(text)?.[1];
  for (const name of ['Opt', 'State', 'ProgramsKey', 'Transcript', 'PerformanceMonitorUsers'])
    expect([name, value(uninstall, name)]).toEqual([name, value(install, name)]);
  expect(value(uninstall, 'Account')).toBe("'NT SERVICE\\muster-agent'");
  expect(uninstall).toContain(
    `foreach ($name in ${value(install, 'ServiceName')}, ${value(install, 'PrepareName')}) {`,
  );
  expect(uninstall).toContain('$folders = @("$Opt.new", "$Opt.old", $Opt)');
  expect(uninstall).toContain('else { $folders += $State }');
  expect(uninstall).toContain('Remove-LocalGroupMember -SID $PerformanceMonitorUsers -Member $Account');
  expect(uninstall).toContain('Remove-Item -Path $ProgramsKey -Recurse');
  // What they tell the service, it knows by the same numbers.
  expect(source('service.c')).toContain(`#define CONTROL_UPGRADE ${value(install, 'ControlUpgrade')}\n`);
  expect(source('service.c')).toContain(
    `#define CONTROL_UNINSTALL ${value(uninstall, 'ControlUninstall')}\n`,
  );
});

test('[WI33] what the agent left behind is read before it is removed, by the words that it writes', () => {
  const reads = remover.functions.get('Test-MissedGoodbye') ?? '';
  expect(reads).toContain(`-match '"enrolledWith": "'`);
  expect(reads).toContain(`-notmatch '"goodbyeTaken": "uninstall"'`);
  const places = ['$missed = Test-MissedGoodbye', 'Remove-Item -LiteralPath', 'if ($missed) {'].map((text) =>
    uninstall.indexOf(text),
  );
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((left, right) => left - right));
  expect(remover.unknownVariables).toEqual([]);
});

test('[WI15] it ends with the codes that it says, waits for nobody when it is to be quiet, and install.cmd passes the code on', () => {
  const said = /Ends with ([\s\S]*?)#>/.exec(install)?.[1] ?? '';
  const codes = [...said.matchAll(/(\d+):/g)].map(([, code]) => Number(code));
  expect(codes).toEqual([0, 1, 2, 3, 1618]);
  const wait = textOf('Start-AndWait');
  const given = [...`${wait}${textOf('Write-Welcome')}${textOf('Invoke-Install')}`.matchAll(/return (\d+)/g)];
  const begun = [...install.matchAll(/^\s*\$code = (\d+)\r?$/gm)];
  const all = new Set([...given, ...begun].map(([, code]) => Number(code)));
  expect([...all].toSorted((left, right) => left - right)).toEqual(codes);
  expect(wait.indexOf('if ($Quiet)')).toBeGreaterThan(wait.indexOf('Start-Service'));
  expect(wait.indexOf('if ($Quiet)')).toBeLessThan(wait.indexOf('while ('));
  expect(install.trimEnd()).toMatch(
    /if \(\$PSCommandPath\) \{ exit \$code \}\r\n\$global:LASTEXITCODE = \$code$/,
  );
  expect(source('install.cmd').trimEnd()).toMatch(/-File "%~dp0install\.ps1" .*\nexit \/b %ERRORLEVEL%$/);
});
