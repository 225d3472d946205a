@echo off
cd /d "%SystemRoot%"
chcp 65001 >nul
"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File "%~dp0ogi.ps1" uninstall
set code=%errorlevel%
pause
exit /b %code%
