<#
The Muster agent for Windows: installs, repairs, upgrades. Windows PowerShell 5.1 or PowerShell 7, as administrator.

  -Server URL       address of the server, as in the dashboard
  -Token T          enrolment token; needed the first time. Where it is not given: MUSTER_TOKEN of the environment, then the settings file
  -ServerKey K      the server's identity key
  -Tls MODE         where TLS ends: direct (at the server), proxy (before it), none
  -TlsPin PIN       base64 of the SHA-256 of the certificate's public key
  -Sums SHA256      checksum of the list of checksums
  -Insecure         allows plain text to another machine
  -Witness          may be asked whether a silent neighbour on its own network is there
  -Checks REACH     whom checks may reach: network (other machines, as without it), loopback (this one too), off
  -Ca FILE          certificate (PEM) of your own authority, for the agent
  -Proxy URL        HTTP proxy, http://[user:password@]host:port, for the download and for the agent; none: without
  -From DIR         takes the files from a folder instead of downloading them
  -Settings FILE    these settings as lines NAME=VALUE; settings.txt in the folder of -From where none is named
  -NoStart          installs, and leaves the start to the next boot
  -Quiet            writes a transcript, and does not wait until the agent is connected
  -Uninstall        removes the agent and everything it made (-KeepData: all but key and spool)

Ends with 0: installed and running. 1: refused, nothing changed. 2: installed, not connected. 3: installed, not running.
1618: another installation is under way.
#>
param(
  [string]$Server = '', [string]$Token = '', [string]$ServerKey = '', [string]$Tls = '', [string]$TlsPin = '', [string]$Sums = '',
  [switch]$Insecure, [switch]$Witness, [string]$Checks = '', [string]$Ca = '', [string]$Proxy = '', [string]$From = '', [string]$Settings = '',
  [switch]$NoStart, [switch]$Quiet, [switch]$Uninstall, [switch]$KeepData
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$Version = '@VERSION@'
# By which the agent takes releases; empty: it takes none.
$ReleaseKey = '@RELEASE_KEY@'
$ServiceName = 'muster-agent'
$PrepareName = 'muster-agent-prepare'
$Account = "NT SERVICE\$ServiceName"
$Opt = Join-Path $env:ProgramFiles 'Muster Agent'
$Stage = "$Opt.new"
$State = Join-Path ([Environment]::GetFolderPath('CommonApplicationData')) 'Muster Agent'
$Data = Join-Path $State 'data'
$Config = Join-Path $State 'config.json'
$ProgramsKey = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Muster Agent'
$Transcript = Join-Path $env:SystemRoot 'Temp\muster-agent-install.log'
$SpaceMbMin = 350
$ConnectSecondsMax = 15
# Told to the service: the stop that follows is for an upgrade.
$ControlUpgrade = 128
$System = 'S-1-5-18'
$Administrators = 'S-1-5-32-544'
$PerformanceMonitorUsers = 'S-1-5-32-558'
$ServiceProgram = 'muster-agent-service.exe'
$SmallFiles = 'agent.mjs', $ServiceProgram, 'muster-agent.cmd', 'uninstall.ps1'

function Write-Word([string]$What) { Write-Host "muster: $What" }

# What is wrong, and what to do about it.
function Stop-Install([string]$What, [string]$Todo) {
  $failure = New-Object InvalidOperationException $What
  $failure.Data['todo'] = $Todo
  throw $failure
}

function Invoke-Program([string]$Program, [string[]]$Arguments) {
  $said = & $Program @Arguments
  if ($LASTEXITCODE -ne 0) { Stop-Install "$Program $($Arguments[0]) failed with code ${LASTEXITCODE}: $said" '' }
}

function Assert-Machine {
  $me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
  if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Stop-Install 'only an administrator may install a service' 'Open PowerShell with "Run as administrator" and paste the line there.'
  }
  if (-not [Environment]::Is64BitProcess) {
    Stop-Install 'this is the 32-bit PowerShell, or a 32-bit Windows' 'Open the PowerShell that is not marked (x86); Windows must be 64-bit.'
  }
  if ([Environment]::OSVersion.Version -lt [Version]'10.0.17763') {
    Stop-Install 'this Windows is too old' 'Windows 10 (1809), Windows Server 2019 or later is needed.'
  }
}

function Get-Architecture {
  # Of the machine, whatever this PowerShell was built for.
  $key = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  switch ((Get-ItemProperty $key).PROCESSOR_ARCHITECTURE) {
    'AMD64' { return 'x64' }
    'ARM64' { return 'arm64' }
    default { Stop-Install "there is no agent for this processor ($_)" '' }
  }
}

# Whatever goes into the configuration is checked by its letters, so that nothing in it needs quoting.
function Assert-Words([string]$Name, [string]$Value, [string]$Pattern, [string]$What) {
  if ($Value -ne '' -and $Value -cnotmatch "\A(?:$Pattern)\z") {
    Stop-Install "-${Name}: this is not $What" 'Copy the whole line again.'
  }
}

function Read-SettingsFile([string]$Path) {
  $found = @{}
  foreach ($line in [IO.File]::ReadAllLines($Path)) {
    if ($line -match '^\s*(#|;|$)') { continue }
    $name, $value = $line -split '=', 2
    if ($null -eq $value) { Stop-Install "${Path}: a line without '='" 'Each line is NAME=VALUE, as in settings.example.txt.' }
    $found[$name.Trim()] = $value.Trim()
  }
  return $found
}

# One value of two sources, the first that has it.
function Select-First([string[]]$Values) {
  foreach ($value in $Values) { if ($value -ne '') { return $value } }
  return ''
}

function Get-Text($Table, [string]$Name) {
  if ($Table -is [hashtable]) { if ($Table.ContainsKey($Name)) { return [string]$Table[$Name] } }
  elseif ($null -ne $Table -and $null -ne $Table.PSObject.Properties[$Name]) { return [string]$Table.$Name }
  return ''
}

function Get-Wanted {
  $file = @{}
  $path = $Settings
  if ($path -eq '' -and $From -ne '' -and (Test-Path (Join-Path $From 'settings.txt'))) { $path = Join-Path $From 'settings.txt' }
  if ($path -ne '') { $file = Read-SettingsFile $path }
  $there = $null
  if (Test-Path $Config) { $there = [IO.File]::ReadAllText($Config) | ConvertFrom-Json }
  $known = $null
  # Without an address it is an upgrade or a repair of what is there.
  if ((Select-First $Server, (Get-Text $file 'Server')) -eq '') { $known = $there }
  $isOn = { param($IsGiven, $Name) $IsGiven -or (Get-Text $file $Name) -match '^(1|true|yes)$' -or (Get-Text $known $Name) -eq 'True' }
  $wanted = @{
    Server    = (Select-First $Server, (Get-Text $file 'Server'), (Get-Text $known 'server')).TrimEnd('/') -replace '^ws', 'http'
    Token     = Select-First $Token, "$env:MUSTER_TOKEN", (Get-Text $file 'Token'), (Get-Text $known 'token')
    ServerKey = Select-First $ServerKey, (Get-Text $file 'ServerKey'), (Get-Text $known 'serverKey')
    Tls       = Select-First $Tls, (Get-Text $file 'Tls'), (Get-Text $known 'tls')
    TlsPin    = (Select-First $TlsPin, (Get-Text $file 'TlsPin'), (Get-Text $known 'tlsPin')) -replace '^sha256//', ''
    Sums      = Select-First $Sums, (Get-Text $file 'Sums')
    Ca        = Select-First $Ca, (Get-Text $file 'Ca')
    Proxy     = (Select-First $Proxy, (Get-Text $file 'Proxy'), (Get-Text $known 'proxy')).TrimEnd('/')
    # What the owner of the machine forbade is not allowed again by a line from the dashboard.
    Checks    = Select-First $Checks, (Get-Text $file 'Checks'), (Get-Text $there 'checks')
    Insecure  = & $isOn $Insecure.IsPresent 'Insecure'
    Witness   = & $isOn $Witness.IsPresent 'Witness'
  }
  Assert-Wanted $wanted
  return $wanted
}

function Assert-Wanted($Wanted) {
  $line = 'Copy the whole line from "Add a machine" in the dashboard.'
  if ($Wanted.Server -eq '') { Stop-Install 'the address of the server is missing' $line }
  Assert-Words 'Server' $Wanted.Server 'https?://[]A-Za-z0-9.:[-]+' 'an address such as https://muster.example:8420'
  Assert-Words 'Token' $Wanted.Token '[A-Za-z0-9_-]{8,128}' 'a token from "Add a machine"'
  Assert-Words 'ServerKey' $Wanted.ServerKey '[A-Za-z0-9_-]{43}' 'base64url of 32 bytes'
  Assert-Words 'Tls' $Wanted.Tls 'direct|proxy|none' 'direct, proxy or none'
  Assert-Words 'TlsPin' $Wanted.TlsPin '[A-Za-z0-9+/]{43}=' 'base64 of a SHA-256'
  Assert-Words 'Checks' $Wanted.Checks 'network|loopback|off' 'network, loopback or off'
  Assert-Words 'Proxy' $Wanted.Proxy 'none|(http://)?[]A-Za-z0-9.:@%_~!*+=,;[-]+' 'an address such as http://proxy.example:8080; letters that are special in addresses are written as %XX'
  Assert-Words 'Sums' $Wanted.Sums '[0-9a-f]{64}' 'a SHA-256 in hex'
  if ($Wanted.ServerKey -eq '') { Stop-Install 'the key of the server is missing' $line }
  if ($Wanted.Token -eq '' -and -not (Test-Path (Join-Path $Data 'identity.json'))) {
    Stop-Install 'the token is missing, and this machine is not enrolled yet' 'Make a line with "Add a machine" in the dashboard.'
  }
  $isEncrypted = $Wanted.Server -like 'https:*'
  if ($Wanted.Tls -eq '') { $Wanted.Tls = if ($isEncrypted) { 'direct' } else { 'none' } }
  if (($Wanted.Tls -eq 'none') -eq $isEncrypted) { Stop-Install "TLS mode $($Wanted.Tls) does not go with $($Wanted.Server)" '' }
  if ($Wanted.TlsPin -ne '' -and -not $isEncrypted) { Stop-Install 'a TLS pin does not go with http' '' }
  $isLoopback = $Wanted.Server -match '^https?://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$'
  if (-not $isEncrypted -and -not $isLoopback -and -not $Wanted.Insecure) {
    Stop-Install "plain text to another machine ($($Wanted.Server)): everybody on the way can read along" 'Use https, or add -Insecure.'
  }
  # Downloads are checked by this and not by certificates: nothing that is downloaded is secret.
  if ($Wanted.Sums -eq '' -and $From -eq '') { Stop-Install 'the checksum of the downloads is missing' $line }
  if ($Wanted.Ca -ne '' -and -not (Test-Path -LiteralPath $Wanted.Ca)) { Stop-Install "$($Wanted.Ca) cannot be read" '' }
}

# --- files --------------------------------------------------------------------------------------------------------

function Get-Sha256([string]$Path) { return (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash.ToLowerInvariant() }

# The address of the proxy may hold a password, and what stands among arguments is on the list of processes: curl hears it from variables.
function Invoke-Curl([string[]]$Arguments) {
  if ($Wanted.Proxy -eq '') { & curl.exe @Arguments; return }
  if ($Wanted.Proxy -eq 'none') { $variables = @{ no_proxy = '*' } }
  else { $variables = @{ http_proxy = $Wanted.Proxy; https_proxy = $Wanted.Proxy; no_proxy = '' } }
  $before = @{}
  foreach ($name in $variables.Keys) {
    $before[$name] = [Environment]::GetEnvironmentVariable($name)
    [Environment]::SetEnvironmentVariable($name, $variables[$name])
  }
  try { & curl.exe @Arguments } finally {
    # A console that the line was pasted into goes on.
    foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
  }
}

function Copy-Wanted([string]$Name, [string]$To) {
  if ($From -ne '') {
    $path = Join-Path $From $Name
    if (-not (Test-Path -LiteralPath $path)) { Stop-Install "$path is missing" '' }
    Copy-Item -LiteralPath $path -Destination $To
    return
  }
  $address = "$($Wanted.Server)/install/$Name"
  Invoke-Curl '--fail', '--silent', '--show-error', '--location', '--insecure', '--retry', '3', '--connect-timeout', '10', '--output', $To, $address
  if ($LASTEXITCODE -ne 0) { Stop-Install "$address could not be downloaded (curl ended with $LASTEXITCODE)" 'Check address, network and firewall; behind a proxy add -Proxy URL.' }
}

function Read-Sums([string]$Path) {
  $found = @{}
  foreach ($line in [IO.File]::ReadAllLines($Path)) {
    if ($line -cmatch '^([0-9a-f]{64})  (\S+)$') { $found[$Matches[2]] = $Matches[1] }
  }
  return $found
}

function Assert-Sum($Known, [string]$Name, [string]$Path) {
  if (-not $Known.ContainsKey($Name)) { Stop-Install "the list of checksums has no $Name" 'The server has no agent for this machine. See docs/INSTALL.md.' }
  if ((Get-Sha256 $Path) -ne $Known[$Name]) {
    Stop-Install "$Name has not the checksum that the server says" 'The download was cut or changed on the way; nothing was installed. Run the line again.'
  }
}

function Expand-Gzip([string]$Path, [string]$To) {
  $packed = [IO.File]::OpenRead($Path)
  $out = [IO.File]::Create($To)
  try {
    $unpacked = New-Object IO.Compression.GZipStream $packed, ([IO.Compression.CompressionMode]::Decompress)
    $unpacked.CopyTo($out)
    $unpacked.Dispose()
  } finally {
    $out.Dispose()
    $packed.Dispose()
  }
}

# The new version, complete and checked, beside the old one.
function New-Stage {
  $drive = New-Object IO.DriveInfo ($env:ProgramFiles.Substring(0, 1))
  $freeMb = [Math]::Floor($drive.AvailableFreeSpace / 1048576)
  if ($freeMb -lt $SpaceMbMin) {
    Stop-Install "$($drive.Name) has $freeMb MB free; $SpaceMbMin MB are needed" 'Free some space and run the line again.'
  }
  if (Test-Path -LiteralPath $Stage) { Remove-Item -LiteralPath $Stage -Recurse -Force }
  # Below Program Files only administrators may write, and what is made there inherits that.
  [void](New-Item -ItemType Directory -Path $Stage)
  $list = Join-Path $Stage 'sha256sums'
  Copy-Wanted 'sha256sums' $list
  if ($Wanted.Sums -ne '' -and (Get-Sha256 $list) -ne $Wanted.Sums) {
    Stop-Install 'the list of checksums is not the one that this line was made for' `
      'If the server was upgraded or given a release since, make a new line in the dashboard. If not, somebody stands in between.'
  }
  $known = Read-Sums $list
  foreach ($name in $SmallFiles) {
    Copy-Wanted $name (Join-Path $Stage $name)
    Assert-Sum $known $name (Join-Path $Stage $name)
  }
  Add-Node $known
  if ($known.ContainsKey('release.json')) {
    Copy-Wanted 'release.json' (Join-Path $Stage 'release.json')
    Assert-Sum $known 'release.json' (Join-Path $Stage 'release.json')
  }
  [IO.File]::WriteAllText((Join-Path $Stage 'version'), "$Version`n")
  if (Test-HigherRelease) {
    Write-Word 'a higher release than the server offers is installed: the program stays, the rest is renewed'
    foreach ($name in 'agent.mjs', 'node.exe', 'version', 'release.json') {
      Copy-Item -LiteralPath (Get-Installed $name) -Destination (Join-Path $Stage $name) -Force
    }
  }
}

# While an upgrade is on trial, what counts is the version before it: the trial ends with this installation.
function Get-Installed([string]$Name) {
  $before = Join-Path (Join-Path $Opt 'previous') $Name
  if ((Test-Path -LiteralPath (Join-Path $Opt 'trial')) -and (Test-Path -LiteralPath $before)) { return $before }
  return Join-Path $Opt $Name
}

# What is installed is the whole of a higher release than the server offers, and takes releases of the same key: its number only rises.
function Test-HigherRelease {
  $manifest = Get-Installed 'release.json'
  if (-not (Test-Path -LiteralPath $manifest)) { return $false }
  $text = [IO.File]::ReadAllText($manifest)
  $offered = Join-Path $Stage 'release.json'
  $offeredSerial = 0
  if (Test-Path -LiteralPath $offered) { $offeredSerial = Get-Serial ([IO.File]::ReadAllText($offered)) }
  if ((Get-Serial $text) -le $offeredSerial) { return $false }
  if ($ReleaseKey -ne '' -and $text -cnotmatch ('"key": *"' + $ReleaseKey + '"')) { return $false }
  foreach ($name in 'agent.mjs', 'node.exe') {
    $path = Get-Installed $name
    if (-not (Test-Path -LiteralPath $path)) { return $false }
    if (-not $text.Contains('"' + (Get-Sha256 $path) + '"')) { return $false }
  }
  return $true
}

function Get-Serial([string]$Manifest) {
  if ($Manifest -cmatch '"serial": *([0-9]{1,15})') { return [long]$Matches[1] }
  return [long]0
}

function Add-Node($Known) {
  $platform = "win-$(Get-Architecture)"
  $node = Join-Path $Stage 'node.exe'
  $old = Join-Path $Opt 'node.exe'
  if (-not $Known.ContainsKey("node-$platform")) {
    Stop-Install "the server has no Node for $platform" 'See docs/INSTALL.md, "Windows".'
  }
  if ($From -ne '' -and (Test-Path -LiteralPath (Join-Path $From 'node.exe'))) {
    Copy-Wanted 'node.exe' $node
  } elseif ((Test-Path -LiteralPath $old) -and (Get-Sha256 $old) -eq $Known["node-$platform"]) {
    Write-Word 'Node is there already'
    Copy-Item -LiteralPath $old -Destination $node
  } else {
    if ($From -eq '') { Write-Word "downloading Node for $platform (about 40 MB)" }
    $packed = Join-Path $Stage 'node.gz'
    Copy-Wanted "node-$platform.gz" $packed
    Assert-Sum $Known "node-$platform.gz" $packed
    Expand-Gzip $packed $node
    Remove-Item -LiteralPath $packed
  }
  Assert-Sum $Known "node-$platform" $node
  $found = & $node --version
  if ($LASTEXITCODE -ne 0) { Stop-Install "Node does not run here (code $LASTEXITCODE)" 'See what it says; a scanner of viruses may have stopped it.' }
  if ($found -notmatch '^v(2[6-9]|[3-9][0-9])\.') { Stop-Install "Node $found is too old" 'Node 26 or later is needed.' }
}

# A whole folder in place of another; the old one returns where the new one cannot be put there.
function Move-StageInPlace {
  $old = "$Opt.old"
  if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -Recurse -Force }
  if (Test-Path -LiteralPath $Opt) { Move-Item -LiteralPath $Opt -Destination $old }
  try {
    Move-Item -LiteralPath $Stage -Destination $Opt
  } catch {
    if (Test-Path -LiteralPath $old) { Move-Item -LiteralPath $old -Destination $Opt }
    throw
  }
  if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -Recurse -Force }
}

# --- rights -------------------------------------------------------------------------------------------------------

function Get-AgentSid {
  return (New-Object Security.Principal.NTAccount $Account).Translate([Security.Principal.SecurityIdentifier]).Value
}

function Set-Access([string]$Path, [string]$Sddl) {
  $access = New-Object Security.AccessControl.DirectorySecurity
  $access.SetSecurityDescriptorSddlForm($Sddl, [Security.AccessControl.AccessControlSections]'Owner, Access')
  Set-Acl -LiteralPath $Path -AclObject $access
}

# Everybody may make folders in ProgramData, also one of this name.
function Assert-OwnState {
  if (-not (Test-Path -LiteralPath $State)) { return }
  $item = Get-Item -LiteralPath $State -Force
  $owner = (Get-Acl -LiteralPath $State).GetOwner([Security.Principal.SecurityIdentifier]).Value
  if (($item.Attributes -band [IO.FileAttributes]::ReparsePoint) -or $owner -notin $System, $Administrators) {
    Stop-Install "$State was made by somebody who is no administrator" 'See what it is, remove it, and run the line again.'
  }
}

# System and administrators: everything. The agent's account: reads the configuration, writes its own folder.
function Set-StateFolder([string]$AgentSid) {
  $all = "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
  if (-not (Test-Path -LiteralPath $State)) {
    # Under its name only when nobody else can put anything into it.
    $draft = "$State.$([Guid]::NewGuid())"
    [void](New-Item -ItemType Directory -Path $draft)
    Set-Access $draft "O:BAD:P$all"
    Move-Item -LiteralPath $draft -Destination $State
  }
  Set-Access $State "O:BAD:P$all(A;OICI;0x1200a9;;;$AgentSid)"
  if (-not (Test-Path -LiteralPath $Data)) { [void](New-Item -ItemType Directory -Path $Data) }
  Set-Access $Data "O:BAD:P$all(A;OICI;0x1301bf;;;$AgentSid)"
}

# One setting a line: the service reads it without a JSON parser.
function Write-Config($Wanted) {
  $lines = @("  ""server"": ""$($Wanted.Server -replace '^http', 'ws')""", "  ""serverKey"": ""$($Wanted.ServerKey)""")
  if ($Wanted.TlsPin -ne '') { $lines += "  ""tlsPin"": ""$($Wanted.TlsPin)""" }
  if ($Wanted.Token -ne '') { $lines += "  ""token"": ""$($Wanted.Token)""" }
  if ($Wanted.Insecure -and $Wanted.Tls -eq 'none') { $lines += '  "insecure": true' }
  if ($Wanted.Witness) { $lines += '  "witness": true' }
  if ($Wanted.Proxy -ne '') { $lines += "  ""proxy"": ""$($Wanted.Proxy)""" }
  if ($Wanted.Checks -ne '') { $lines += "  ""checks"": ""$($Wanted.Checks)""" }
  $lines += "  ""tls"": ""$($Wanted.Tls)"""
  $lines += "  ""dataDir"": ""$($Data.Replace('\', '\\'))"""
  [IO.File]::WriteAllText("$Config.new", "{`n$($lines -join ",`n")`n}`n")
  Move-Item -LiteralPath "$Config.new" -Destination $Config -Force
  if ($Wanted.Ca -ne '') { Copy-Item -LiteralPath $Wanted.Ca -Destination (Join-Path $State 'ca.pem') -Force }
}

# --- services -----------------------------------------------------------------------------------------------------

function Test-Service([string]$Name) { return $null -ne (Get-Service -Name $Name -ErrorAction SilentlyContinue) }

function Stop-Old {
  if (-not (Test-Service $ServiceName)) { return }
  $service = Get-Service -Name $ServiceName
  if ($service.Status -eq 'Running') {
    try { $service.ExecuteCommand($ControlUpgrade) } catch { Write-Word 'the old service does not know why it is stopped' }
  }
  Stop-Service -Name $ServiceName -Force
}

function Set-Services {
  $program = Join-Path $Opt $ServiceProgram
  if (-not (Test-Service $ServiceName)) {
    [void](New-Service -Name $ServiceName -DisplayName 'Muster Agent' -StartupType Automatic -BinaryPathName """$program"" run ""$State""" `
        -Description 'Reports inventory and state of this machine to its Muster server.')
  }
  if (-not (Test-Service $PrepareName)) {
    [void](New-Service -Name $PrepareName -DisplayName 'Muster Agent preparation' -StartupType Manual -BinaryPathName """$program"" prepare ""$State""" `
        -Description 'Runs for a moment before the Muster agent starts, to settle an upgrade on trial.')
  }
  # An account of its own, without a password, that is nobody on any other machine, and without a privilege that it does not need.
  Invoke-Program 'sc.exe' @('config', $ServiceName, 'obj=', $Account)
  Invoke-Program 'sc.exe' @('privs', $ServiceName, 'SeChangeNotifyPrivilege')
  Invoke-Program 'sc.exe' @('failure', $ServiceName, 'reset=', '86400', 'actions=', 'restart/5000/restart/30000/restart/60000')
  Invoke-Program 'sc.exe' @('failureflag', $ServiceName, '1')
  $sid = Get-AgentSid
  # The agent's account may start the second service, and not change it.
  $rights = "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWLOCRRC;;;IU)(A;;LCRPLORC;;;$sid)"
  Invoke-Program 'sc.exe' @('sdset', $PrepareName, $rights)
  # To read performance counters.
  try { Add-LocalGroupMember -SID $PerformanceMonitorUsers -Member $Account } catch {
    if ($_.FullyQualifiedErrorId -notlike 'MemberExists*') { Write-Word "$Account could not be made a member of Performance Monitor Users: $_" }
  }
  return $sid
}

function Set-ProgramsEntry {
  $uninstall = "powershell.exe -NoProfile -ExecutionPolicy Bypass -File ""$(Join-Path $Opt 'uninstall.ps1')"""
  $bytes = (Get-ChildItem -LiteralPath $Opt -Recurse -File | Measure-Object -Property Length -Sum).Sum
  [void](New-Item -Path $ProgramsKey -Force)
  $texts = @{
    DisplayName = 'Muster Agent'; DisplayVersion = $Version; Publisher = 'Muster'; InstallLocation = $Opt
    DisplayIcon = Join-Path $Opt $ServiceProgram; UninstallString = $uninstall; QuietUninstallString = "$uninstall -Quiet"
  }
  foreach ($name in $texts.Keys) { [void](New-ItemProperty -Path $ProgramsKey -Name $name -Value $texts[$name] -PropertyType String) }
  $numbers = @{ NoModify = 1; NoRepair = 1; EstimatedSize = [int]($bytes / 1024) }
  foreach ($name in $numbers.Keys) { [void](New-ItemProperty -Path $ProgramsKey -Name $name -Value $numbers[$name] -PropertyType DWord) }
}

function Read-Status([long]$BeganMs) {
  try {
    $status = [IO.File]::ReadAllText((Join-Path $Data 'status.json')) | ConvertFrom-Json
    if ($status.startedAtMs -ge $BeganMs) { return $status }
  } catch [IO.IOException] {
    # Not written yet, or being replaced at this moment.
    return $null
  }
  return $null
}

# @returns the exit code
function Start-AndWait {
  $beganMs = [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds() - 1000
  try { Start-Service -Name $ServiceName } catch {
    Write-Word "installed, but the service does not start: $_"
    Write-Word 'Where a policy sets who may "Log on as a service", NT SERVICE\ALL SERVICES must be among them.'
    return 3
  }
  if ($Quiet) { Write-Word 'installed, the service runs'; return 0 }
  $end = [DateTime]::UtcNow.AddSeconds($ConnectSecondsMax)
  $status = $null
  while ([DateTime]::UtcNow -lt $end) {
    $status = Read-Status $beganMs
    if ($null -ne $status -and $status.link.state -eq 'online') { return Write-Welcome $status }
    if ($null -ne $status -and $null -ne $status.lastProblem -and -not $status.lastProblem.retry) { break }
    Start-Sleep -Milliseconds 200
  }
  if ($null -eq $status) {
    Write-Word "installed, but the agent does not run. See $(Join-Path $Data 'agent.log')"
    return 3
  }
  $problem = $status.lastProblem
  Write-Word "installed, but not connected: $(if ($null -eq $problem) { 'no answer yet' } else { $problem.detail })"
  if ($null -ne $problem -and $problem.hint) { Write-Word $problem.hint }
  Write-Word 'the agent goes on trying'
  return 2
}

function Write-Welcome($Status) {
  $name = $env:COMPUTERNAME
  if ((Get-Text $Status.link 'pendingApproval') -eq 'True') {
    Write-Word "machine $name enrolled and waits for an administrator to let it in at $($Wanted.Server)"
    return 0
  }
  # As before each start: a token that was used is forgotten.
  Start-Service -Name $PrepareName
  Write-Word "machine $name enrolled, visible at $($Wanted.Server)"
  Write-Word "& '$(Join-Path $Opt 'muster-agent.cmd')' status | doctor | show | uninstall"
  return 0
}

# --- in order -----------------------------------------------------------------------------------------------------

function Invoke-Uninstall {
  $script = Join-Path $Opt 'uninstall.ps1'
  if (-not (Test-Path -LiteralPath $script)) { Stop-Install 'no agent is installed here' '' }
  & ([ScriptBlock]::Create([IO.File]::ReadAllText($script))) -KeepData:$KeepData -Quiet
}

# @returns the exit code
function Invoke-Install {
  Assert-Machine
  if ($Uninstall) { Invoke-Uninstall; return 0 }
  # Seen by all that is called from here, and gone with it: it has the token.
  $Wanted = Get-Wanted
  $isFirst = -not (Test-Service $ServiceName)
  Assert-OwnState
  Write-Word "installing agent $Version for $($Wanted.Server)"
  try {
    New-Stage
  } catch {
    if (Test-Path -LiteralPath $Stage) { Remove-Item -LiteralPath $Stage -Recurse -Force }
    throw
  }
  try {
    Stop-Old
    Move-StageInPlace
  } catch {
    if (-not $isFirst) { Start-Service -Name $ServiceName -ErrorAction SilentlyContinue }
    throw
  }
  try {
    $sid = Set-Services
    Set-StateFolder $sid
    Write-Config $Wanted
    Set-ProgramsEntry
  } catch {
    # A first installation that fails leaves nothing.
    if ($isFirst) { Invoke-Uninstall }
    throw
  }
  if ($NoStart) {
    Write-Word 'installed, not started: the service starts with the machine'
    Write-Word 'each machine made from it makes a key of its own at its first start, and enrols by itself'
    return 0
  }
  return Start-AndWait
}

$code = 1
$turn = New-Object Threading.Mutex $false, 'Global\muster-agent-install'
$isMyTurn = $false
$isRecording = $false
try {
  try { $isMyTurn = $turn.WaitOne(0) } catch [Threading.AbandonedMutexException] { $isMyTurn = $true }
  if ($isMyTurn) {
    if ($Quiet) { [void](Start-Transcript -Path $Transcript -Append); $isRecording = $true }
    $code = Invoke-Install
  } else {
    Write-Word 'another installation is under way'
    $code = 1618
  }
} catch {
  Write-Word $_.Exception.Message
  if ($_.Exception.Data['todo']) { Write-Word $_.Exception.Data['todo'] }
} finally {
  if ($isRecording) { [void](Stop-Transcript) }
  if ($isMyTurn) { $turn.ReleaseMutex() }
  $turn.Dispose()
}
# Pasted into a console, `exit` would close its window.
if ($PSCommandPath) { exit $code }
$global:LASTEXITCODE = $code
