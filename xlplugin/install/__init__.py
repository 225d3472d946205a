"""Setting up for a clerk: `ogi install`, `ogi uninstall`, `ogi doctor`.

`machine` is the computer as seen from here, so that Windows and Mac are tested on Linux; `changes` are the few kinds of
reversible change; `record` remembers them; `excel` and `libreoffice` say which changes are wanted; `doctor` looks.
Nothing asks for administrator rights.
"""
