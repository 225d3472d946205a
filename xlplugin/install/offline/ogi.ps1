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

$Mark = Join-Path $Home_ '.made-by-ogi'
$List = Join-Path $Target 'SHA256SUMS'

function Say([string]$text) { Write-Host $text }

# 删除的凭据：python 文件夹里有安装时留下的标记（写明这个文件夹），或装有本软件；其他文件与清单中的 SHA-256 一致。
function Test-Ours {
    if ((Test-Path -LiteralPath $Mark) -and ([System.IO.File]::ReadAllText($Mark).Trim() -eq $Home_)) { return $true }
    $packages = Join-Path $Home_ 'Lib\site-packages'
    return [bool](Get-ChildItem -LiteralPath $packages -Filter 'ogi_workbook-*.dist-info' -ErrorAction SilentlyContinue)
}

# 清单：文件名 → SHA-256。没有清单时为空。
function Read-Sums([string]$path) {
    $sums = @{}
    if (Test-Path -LiteralPath $path) {
        foreach ($line in [System.IO.File]::ReadAllLines($path, [System.Text.Encoding]::UTF8)) {
            $sum, $name = $line -split '  ', 2
            $sums[$name] = $sum
        }
    }
    return $sums
}

# 已安装的文件中，随安装包来、没有改动过的。
function Test-Unchanged([string]$name, $sums) {
    $path = Join-Path $Target ($name -replace '/', '\')
    return $sums.ContainsKey($name) -and ((Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -eq $sums[$name])
}

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
    if (Test-Path -LiteralPath $Home_) {
        if (-not (Test-Ours)) { throw "$Home_ 不是安装程序建立的，没有改动。请先移走它，再运行一次。" }
        Remove-Item -LiteralPath $Home_ -Recurse -Force
    }
    New-Item -ItemType Directory -Force -Path $Home_ | Out-Null
    [System.IO.File]::WriteAllText($Mark, $Home_)
    $embedded = Get-ChildItem -LiteralPath $Here -Filter 'python-3.*-embed-amd64.zip' | Select-Object -First 1
    if ($embedded) {
        Say "使用 $($embedded.Name)"
        Expand-Archive -LiteralPath $embedded.FullName -DestinationPath $Home_ -Force
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

# 清单中要放到 $Target 的文件：模板和脚本。
function Select-Ours($sums) {
    return @($sums.Keys | Where-Object { $_ -like 'templates/*' -or $_ -in 'ogi.ps1', '卸载.bat', '检查.bat' })
}

# 放好模板和脚本。来历不明或改动过的模板不覆盖；脚本要用新的，旧的改名留下。
function Copy-Ours {
    $old = Read-Sums $List
    $new = Read-Sums (Join-Path $Here 'SHA256SUMS')
    New-Item -ItemType Directory -Force -Path (Join-Path $Target 'templates') | Out-Null
    foreach ($name in Select-Ours $new) {
        $path = Join-Path $Target ($name -replace '/', '\')
        if ((Test-Path -LiteralPath $path) -and -not (Test-Unchanged $name $old) -and -not (Test-Unchanged $name $new)) {
            if ($name -like 'templates/*') {
                Say "没有覆盖：$path（不是上次安装时的文件，或已改动）"
                continue
            }
            Move-Item -LiteralPath $path -Destination "$path.$([System.Guid]::NewGuid().ToString('N').Substring(0, 8)).bak"
        }
        Copy-Item -LiteralPath (Join-Path $Here ($name -replace '/', '\')) -Destination $path -Force
    }
    Copy-Item -LiteralPath (Join-Path $Here 'SHA256SUMS') -Destination $List -Force
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
    Copy-Ours
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
    if (Test-Ours) { Remove-Item -LiteralPath $Home_ -Recurse -Force } else { Say "保留：$Home_（不是安装程序建立的）" }
    $sums = Read-Sums $List
    foreach ($name in Select-Ours $sums) {
        $path = Join-Path $Target ($name -replace '/', '\')
        if (-not (Test-Path -LiteralPath $path)) { continue }
        if (Test-Unchanged $name $sums) { Remove-Item -LiteralPath $path -Force } else { Say "保留：$path（已改动）" }
    }
    if ($sums.Count) { Remove-Item -LiteralPath $List -Force }
    foreach ($folder in (Join-Path $Target 'templates'), $Target) {
        if ((Test-Path -LiteralPath $folder) -and -not (Get-ChildItem -LiteralPath $folder -Force)) { Remove-Item -LiteralPath $folder -Force }
    }
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
