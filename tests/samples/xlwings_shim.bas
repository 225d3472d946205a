Attribute VB_Name = "xlwings"
Option Explicit
' Stands in for xlwings' module in tests: that one does not compile in LibreOffice (#If Mac, Declare).
' The same public name; it starts the same Python command, without waiting, so that LibreOffice stays responsive.
' OGI_TEST_PYTHON names the program to start.

Public Function RunPython(PythonCommand As String)
    Dim q As String
    q = Chr(34)
    Shell Environ("OGI_TEST_PYTHON") & " -B -c " & q & PythonCommand & q & _
        " " & q & "--wb=" & ThisWorkbook.Name & q & " --from_xl=1", 0
End Function
