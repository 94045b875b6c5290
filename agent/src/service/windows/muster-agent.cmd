@echo off
rem What an administrator of this machine may want of the agent.
setlocal
set "state=%ProgramData%\Muster Agent"
set "shell=%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe -NoProfile -ExecutionPolicy Bypass"
if "%~1"=="" goto usage
if /i "%~1"=="start" %shell% -Command "Start-Service muster-agent" & goto end
if /i "%~1"=="stop" %shell% -Command "Stop-Service muster-agent" & goto end
if /i "%~1"=="restart" %shell% -Command "Restart-Service muster-agent" & goto end
if /i "%~1"=="log" %shell% -Command "Get-Content -Tail 40 -LiteralPath (Join-Path $env:ProgramData 'Muster Agent\data\agent.log')" & goto end
if /i "%~1"=="uninstall" %shell% -File "%~dp0uninstall.ps1" & goto end
rem By a folder there is none: Windows replaces no program that runs. The server's word, or install.cmd of the next archive.
if /i "%~1"=="upgrade" goto usage
if /i "%~1"=="version" type "%~dp0version" & goto end
set "NODE_OPTIONS="
"%~dp0node.exe" --no-warnings "%~dp0agent.mjs" %* --config "%state%\config.json" --install-dir "%~dp0."
goto end
:usage
echo muster-agent status ^| doctor ^| show ^| inventory ^| log ^| start ^| stop ^| restart ^| uninstall ^| version
exit /b 64
:end
exit /b %ERRORLEVEL%
