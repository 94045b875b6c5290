@echo off
rem Installs the Muster agent from this folder: install.cmd [/quiet] [/nostart] [/uninstall [/keepdata]]
rem Settings come from settings.txt beside it, so that the token is on no command line.
setlocal
set "options="
:next
if "%~1"=="" goto run
if /i "%~1"=="/quiet" set "options=%options% -Quiet" & shift & goto next
if /i "%~1"=="/nostart" set "options=%options% -NoStart" & shift & goto next
if /i "%~1"=="/uninstall" set "options=%options% -Uninstall" & shift & goto next
if /i "%~1"=="/keepdata" set "options=%options% -KeepData" & shift & goto next
echo muster: "%~1" is no option; there are /quiet /nostart /uninstall /keepdata
exit /b 1
:run
rem Management tools of 32 bits would find the PowerShell of 32 bits.
set "shell=%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
if exist "%SystemRoot%\Sysnative\WindowsPowerShell\v1.0\powershell.exe" set "shell=%SystemRoot%\Sysnative\WindowsPowerShell\v1.0\powershell.exe"
"%shell%" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0install.ps1" -From "%~dp0." %options%
exit /b %ERRORLEVEL%
