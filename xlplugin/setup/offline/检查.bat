@echo off
chcp 65001 >nul
powershell.exe -NoProfile -ExecutionPolicy Bypass -File "%~dp0ogi.ps1" doctor
set code=%errorlevel%
pause
exit /b %code%
