Attribute VB_Name = "Ogi"
Option Explicit
' The commands of the ribbon. One line each: everything else is Python (package xlplugin).
' Their names are theirs alone: Excel looks a callback up by its name in every open workbook, the one in front first.
' This source must stay plain ASCII: VBA keeps it in one byte a sign, whatever the sign.

' The workbook a command is for: the one in front, or the add-in itself while none is open (Python then says so).
Public Function CallerName() As String
    If ActiveWorkbook Is Nothing Then CallerName = ThisWorkbook.Name Else CallerName = ActiveWorkbook.Name
End Function

Public Sub OgiOnValidate(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.validate()"
End Sub

Public Sub OgiOnImportJson(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.import_json()"
End Sub

Public Sub OgiOnExportJson(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.export_json()"
End Sub

Public Sub OgiOnNextFinding(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.next_finding()"
End Sub

Public Sub OgiOnFillBlanks(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.fill_blanks()"
End Sub

Public Sub OgiOnClearMarks(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.clear_marks()"
End Sub

Public Sub OgiOnLoadLastYear(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.load_last_year()"
End Sub

Public Sub OgiOnAnswerFinding(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.answer()"
End Sub

Public Sub OgiOnMergeFolder(control As IRibbonControl)
    RunPython "import xlplugin; xlplugin.merge_folder()"
End Sub
