# 安装、卸载、检查：由同一文件夹中的 .bat 调用。只动当前用户自己的文件夹，不需要管理员权限，不需要网络。
param([ValidateSet('install', 'uninstall', 'doctor')][string]$Do = 'install')

$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
$Here = Split-Path -Parent $MyInvocation.MyCommand.Path
$Target = Join-Path $env:LOCALAPPDATA 'ogi'
$Home_ = Join-Path $Target 'python'

# 不留在安装包所在的文件夹里：那里可能有别人的文件。-I：Python 只用自己的模块，不看当前文件夹和环境变量。
Set-Location -LiteralPath $env:SystemRoot
[Environment]::CurrentDirectory = $env:SystemRoot

function Say([string]$text) { Write-Host $text }

# 装好之后的 Python：虚拟环境的在 Scripts 中，嵌入式的就在文件夹中。
function Installed-Python {
    foreach ($name in 'Scripts\python.exe', 'python.exe') {
        $path = Join-Path $Home_ $name
        if (Test-Path -LiteralPath $path) { return $path }
    }
    return $null
}

function Test-Sums {
    $list = Join-Path $Here 'SHA256SUMS'
    foreach ($line in [System.IO.File]::ReadAllLines($list, [System.Text.Encoding]::UTF8)) {
        $sum, $name = $line -split '  ', 2
        $path = Join-Path $Here ($name -replace '/', '\')
        if (-not (Test-Path -LiteralPath $path)) { throw "安装包不完整，缺少 $name。请重新解压。" }
        if ((Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $sum) { throw "文件已损坏或被改动：$name。请重新取得安装包。" }
    }
}

# 本机已装的 64 位 Python，新的在先。商店里的占位程序不算。
function Find-Python {
    $tries = @()
    foreach ($minor in 14, 13, 12, 11) { $tries += , @('py', "-3.$minor") }
    $tries += , @('python')
    $ask = 'import sys, struct; print(sys.executable if (3, 11) <= sys.version_info[:2] <= (3, 14) and struct.calcsize(''P'') == 8 else '''')'
    foreach ($try in $tries) {
        if (-not (Get-Command $try[0] -ErrorAction SilentlyContinue)) { continue }
        $before = $ErrorActionPreference
        $ErrorActionPreference = 'Continue'
        $rest = @($try | Select-Object -Skip 1)
        $found = & $try[0] @rest -I -c $ask 2>$null
        $ErrorActionPreference = $before
        if ($LASTEXITCODE -eq 0 -and $found) { return [string]$found }
    }
    return $null
}

function Install-Python {
    if (Test-Path -LiteralPath $Home_) { Remove-Item -LiteralPath $Home_ -Recurse -Force }
    New-Item -ItemType Directory -Force -Path $Target | Out-Null
    $embedded = Get-ChildItem -LiteralPath $Here -Filter 'python-3.*-embed-amd64.zip' | Select-Object -First 1
    if ($embedded) {
        Say "使用 $($embedded.Name)"
        Expand-Archive -LiteralPath $embedded.FullName -DestinationPath $Home_
        $pth = Get-ChildItem -LiteralPath $Home_ -Filter 'python3*._pth' | Select-Object -First 1
        Add-Content -LiteralPath $pth.FullName -Encoding ASCII -Value "Lib\site-packages`r`nimport site"
        return
    }
    $python = Find-Python
    if (-not $python) {
        throw '没有找到 64 位的 Python 3.11—3.14。请先安装 Python（可只为当前用户安装），或把 python-3.x.x-embed-amd64.zip 放到本文件夹中，再运行一次。'
    }
    Say "使用 $python"
    & $python -I -m venv --without-pip $Home_
    if ($LASTEXITCODE -ne 0) { throw '不能建立 Python 环境。' }
}

function Install-All {
    if (Get-Process -Name EXCEL, soffice.bin -ErrorAction SilentlyContinue) { throw '请先关闭 Excel 和 LibreOffice，再运行一次。' }
    Say '核对文件……'
    Test-Sums
    if (Installed-Python) { & (Installed-Python) -I -m workbook.cli uninstall | Out-Null }
    Say '安装 Python 环境……'
    Install-Python
    $exe = Installed-Python
    $wheels = Join-Path $Here 'wheels'
    $pip = (Get-ChildItem -LiteralPath $wheels -Filter 'pip-*.whl' | Select-Object -First 1).FullName
    # pip 的 wheel 本身就能运行：不要求 Python 带 pip。只装清单中的版本，逐一核对 SHA-256，不连网络。
    & $exe -I (Join-Path $pip 'pip') --isolated --disable-pip-version-check install --quiet --no-index --no-warn-script-location --only-binary :all: --require-hashes --find-links $wheels -r (Join-Path $wheels 'requirements.txt')
    if ($LASTEXITCODE -ne 0) { throw '安装 Python 组件失败。' }
    Copy-Item -LiteralPath (Join-Path $Here 'templates') -Destination $Target -Recurse -Force
    foreach ($name in 'ogi.ps1', '卸载.bat', '检查.bat') { Copy-Item -LiteralPath (Join-Path $Here $name) -Destination $Target -Force }
    & $exe -I -m workbook.cli install
    $code = $LASTEXITCODE
    Say "空白工作簿在 $(Join-Path $Target 'templates')"
    Say "以后可用 $Target 中的 检查.bat、卸载.bat"
    return $code
}

function Uninstall-All {
    if (Get-Process -Name EXCEL, soffice.bin -ErrorAction SilentlyContinue) { throw '请先关闭 Excel 和 LibreOffice，再运行一次。' }
    $exe = Installed-Python
    if (-not $exe) { Say '没有安装过。'; return 0 }
    & $exe -I -m workbook.cli uninstall
    if ($LASTEXITCODE -ne 0) { return $LASTEXITCODE }
    foreach ($name in 'python', 'templates', '卸载.bat', '检查.bat', 'ogi.ps1') {
        $path = Join-Path $Target $name
        if (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Recurse -Force }
    }
    if (-not (Get-ChildItem -LiteralPath $Target -Force)) { Remove-Item -LiteralPath $Target -Force }
    return 0
}

# 函数里的屏幕输出与返回值分开：返回值只取最后一个。
try {
    if ($Do -eq 'doctor') {
        $exe = Installed-Python
        if (-not $exe) { throw '没有安装过。请运行 安装.bat。' }
        & $exe -I -m workbook.cli doctor
        exit $LASTEXITCODE
    }
    $code = 0
    $work = if ($Do -eq 'install') { { Install-All } } else { { Uninstall-All } }
    & $work | ForEach-Object { if ($_ -is [int]) { $code = $_ } else { Say $_ } }
    exit $code
}
catch {
    Say "未能完成：$($_.Exception.Message)"
    exit 2
}
