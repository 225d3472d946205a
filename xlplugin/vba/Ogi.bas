Attribute VB_Name = "Ogi"
Option Explicit
' The buttons of the workbook. One line each: everything else is Python (package xlplugin).
' This source must stay plain ASCII: VBA keeps it in one byte a sign, whatever the sign.

Public Sub Validate()
    RunPython "import xlplugin; xlplugin.validate()"
End Sub

Public Sub ImportJson()
    RunPython "import xlplugin; xlplugin.import_json()"
End Sub

Public Sub ExportJson()
    RunPython "import xlplugin; xlplugin.export_json()"
End Sub

Public Sub NextFinding()
    RunPython "import xlplugin; xlplugin.next_finding()"
End Sub

Public Sub FillBlanks()
    RunPython "import xlplugin; xlplugin.fill_blanks()"
End Sub

Public Sub ClearMarks()
    RunPython "import xlplugin; xlplugin.clear_marks()"
End Sub

Public Sub LoadLastYear()
    RunPython "import xlplugin; xlplugin.load_last_year()"
End Sub

Public Sub AnswerFinding()
    RunPython "import xlplugin; xlplugin.answer()"
End Sub
