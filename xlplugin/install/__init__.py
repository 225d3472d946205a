"""Installs the plugin's buttons for one user: `ogi install`, `ogi uninstall`, `ogi doctor`.

`install_commands` are the commands; `excel_addin` and `libreoffice_extension` list the steps each program needs, of the
few kinds in `install_steps`; `install_record` remembers what a step replaced, so that uninstalling puts it back;
`doctor` only looks. `machine` is the computer, so that Windows and Mac are tested on Linux. Nothing needs an
administrator.
"""
