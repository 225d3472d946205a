"""The spreadsheet programs that the plugin's functions run in.

The functions of the plugin are written once, against xlwings. Excel is reached by xlwings itself; what is here lets
the very same functions run in LibreOffice (``libreoffice``), and lifts the protection of a sheet for as long as marks
are written into it (``protection``), which every program does in its own way.

The engines offer what plugin code may use and no more: books, sheets, names, blocks of values and formulas, colours,
number formats, notes, links, selection, message boxes. A function that asks for something else gets
NotImplementedError from xlwings, in a test and not at a user's desk.
"""
