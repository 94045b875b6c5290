<#
Removes the Muster agent and everything it made: services, account, programs, configuration, key, spool, entry in Programs.
  -KeepData   keeps key and spool, so that a later installation is the same agent
  -Quiet      asks nobody for anything
#>
param([switch]$KeepData, [switch]$Quiet)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Opt = Join-Path $env:ProgramFiles 'Muster Agent'
$State = Join-Path ([Environment]::GetFolderPath('CommonApplicationData')) 'Muster Agent'
$ProgramsKey = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Muster Agent'
$Transcript = Join-Path $env:SystemRoot 'Temp\muster-agent-install.log'
$Account = 'NT SERVICE\muster-agent'
$PerformanceMonitorUsers = 'S-1-5-32-558'
# Told to the service: the stop that follows is for good.
$ControlUninstall = 129

$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
  if ($Quiet -or -not $PSCommandPath) { throw 'muster: only an administrator may remove a service' }
  # From "Installed apps", which does not ask for an administrator by itself.
  $arguments = "-NoProfile -ExecutionPolicy Bypass -File ""$PSCommandPath"" -Quiet"
  if ($KeepData) { $arguments += ' -KeepData' }
  $elevated = Start-Process -FilePath 'powershell.exe' -Verb RunAs -ArgumentList $arguments -Wait -PassThru
  exit $elevated.ExitCode
}

# What the agent wrote last: a server has this machine and did not take the goodbye, so it will miss it.
function Test-MissedGoodbye {
  $data = Join-Path $State 'data'
  try {
    $identity = [IO.File]::ReadAllText((Join-Path $data 'identity.json'))
    $status = [IO.File]::ReadAllText((Join-Path $data 'status.json'))
  } catch {
    Write-Verbose "it was never enrolled, or never ran: $_"
    return $false
  }
  return $identity -match '"enrolledWith": "' -and $status -match '"goodbyeTaken": ' -and $status -notmatch '"goodbyeTaken": "uninstall"'
}

# The folder that this script lies in is removed too.
Set-Location $env:SystemRoot
$service = Get-Service -Name 'muster-agent' -ErrorAction SilentlyContinue
if ($service) {
  if ($service.Status -eq 'Running') {
    try { $service.ExecuteCommand($ControlUninstall) } catch { Write-Verbose "it does not know why it is stopped: $_" }
  }
  Stop-Service -Name 'muster-agent' -Force
  try { Remove-LocalGroupMember -SID $PerformanceMonitorUsers -Member $Account } catch { Write-Verbose "it was no member: $_" }
}
foreach ($name in 'muster-agent', 'muster-agent-prepare') {
  if (-not (Get-Service -Name $name -ErrorAction SilentlyContinue)) { continue }
  & sc.exe delete $name | Out-Null
  if ($LASTEXITCODE -ne 0) { throw "muster: the service $name could not be removed (code $LASTEXITCODE)" }
}
# Read before it is removed.
$missed = Test-MissedGoodbye
$folders = @("$Opt.new", "$Opt.old", $Opt)
$files = @($Transcript)
if ($KeepData) { $files += (Join-Path $State 'config.json'), (Join-Path $State 'ca.pem') } else { $folders += $State }
foreach ($path in $folders) { if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Recurse -Force } }
foreach ($path in $files) { if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Force } }
if (Test-Path $ProgramsKey) { Remove-Item -Path $ProgramsKey -Recurse }
Write-Host "muster: the agent is removed$(if ($KeepData) { '; key and spool stay' })"
if ($missed) {
  Write-Host 'muster: the server could not be told: it will report this machine as silent. Retire the machine, or revoke its agent, there.'
}
