"""What kind of file was handed in: a sentence for each that is no .xlsx workbook, telling what it is and what to do."""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from workbook.finding import Words
from workbook.limits import TooLarge, TooSlow, limit, stated, within
from workbook.reading.common import bounded, overlapping


class Unreadable(Exception):
    """A file that cannot be read as a workbook: `kind` names what it is, `words` say it and what to do."""

    def __init__(self, kind: str, words: Words | None = None) -> None:
        self.kind = kind
        self.words = words or KINDS[kind]
        super().__init__(self.words.zh)


_SAVE = "请在 Excel 或 WPS 中打开，另存为 .xlsx 后再提交。"
_SAVE_EN = "Open it in Excel or WPS, save it as .xlsx and submit that."
_WRONG = "请提交 .xlsx 工作簿。"
_WRONG_EN = "Please submit the .xlsx workbook."

KINDS = {
    "foreign": Words(
        "这是 Excel 工作簿，但其中找不到年度报告的表格：请使用标准模板（ogi new）填写后提交。",
        "This is a workbook, but no annual report's tables are in it: use the standard template (ogi new).",
    ),
    "missing": Words("找不到这个文件：请核对路径和文件名。", "There is no such file: check path and name."),
    "directory": Words(
        "这是文件夹，不是文件：请选择其中的 .xlsx 文件。", "This is a folder: choose the .xlsx file in it."
    ),
    "special": Words(f"这不是普通文件，无法读取：{_WRONG}", f"This is no regular file. {_WRONG_EN}"),
    "permission": Words(
        "没有读取这个文件的权限，或它正被其他程序占用：请关闭打开它的程序，或向文件所有者申请权限后重试。",
        "The file may not be read, or another program holds it: close that program or ask its owner, and try again.",
    ),
    "unavailable": Words(
        "文件暂时无法读取（磁盘或网络故障）：请复制到本机后重试。",
        "The file cannot be read now (disk or network trouble): copy it to this computer and try again.",
    ),
    "changed": Words(
        "读取时文件正在变化（正在保存，或还没有复制完）：请稍候再试。",
        "The file changed while it was read (it is being saved, or not yet copied): wait a moment and try again.",
    ),
    "empty": Words(
        "这是空文件（0 字节），可能没有传输完整：请重新获取后再提交。",
        "The file is empty (0 bytes), perhaps sent incompletely: get it again.",
    ),
    "owner": Words(
        "这是 Office 打开文件时留下的临时文件，不是工作簿：请提交文件名不带“~$”的那一个。",
        "This is the temporary file of an open document: submit the one whose name has no “~$”.",
    ),
    "xls": Words(f"这是旧格式的 Excel 文件（.xls）：{_SAVE}", f"This is an old Excel file (.xls). {_SAVE_EN}"),
    "et": Words(
        "这是 WPS 表格文件（.et）：请在 WPS 中打开，另存为 .xlsx 后再提交。",
        "This is a WPS spreadsheet (.et). Open it in WPS, save it as .xlsx and submit that.",
    ),
    "encrypted": Words(
        "这个文件设有打开密码：请打开后取消密码，保存为 .xlsx 再提交。",
        "The file needs a password to open: open it, remove the password, save it as .xlsx and submit that.",
    ),
    "rights": Words(
        "这个文件受权限管理（IRM）或单位加密软件保护，离开获授权的电脑就打不开："
        "请对方解除保护（解密）后，另存为 .xlsx 再提交。",
        "The file is protected by rights management or by an office's encryption software, and opens only where that "
        "allows it: have the protection removed, save it as .xlsx and submit that.",
    ),
    "ods": Words(f"这是 OpenDocument 表格（.ods）：{_SAVE}", f"This is an OpenDocument spreadsheet (.ods). {_SAVE_EN}"),
    "xlsb": Words(f"这是二进制格式的 Excel 文件（.xlsb）：{_SAVE}", f"This is a binary Excel file (.xlsb). {_SAVE_EN}"),
    "xml2003": Words(f"这是 2003 版 XML 表格：{_SAVE}", f"This is an XML spreadsheet of the year 2003. {_SAVE_EN}"),
    "html": Words(
        f"这其实是网页（HTML），只是用了表格文件的扩展名：{_SAVE}",
        f"This is really a web page under a workbook's name. {_SAVE_EN}",
    ),
    "text": Words(
        f"这其实是文本（如 CSV）文件，不是工作簿：{_SAVE}", f"This is really a text file, such as CSV. {_SAVE_EN}"
    ),
    "word": Words(f"这是 Word 文档：{_WRONG}", f"This is a Word document. {_WRONG_EN}"),
    "slides": Words(f"这是演示文稿：{_WRONG}", f"This is a presentation. {_WRONG_EN}"),
    "office": Words(f"这是其他旧格式的 Office 文件：{_WRONG}", f"This is some other old Office file. {_WRONG_EN}"),
    "pdf": Words(f"这是 PDF 文件，无法从中读取表格：{_WRONG}", f"This is a PDF file. {_WRONG_EN}"),
    "picture": Words(f"这是图片，无法从中读取表格：{_WRONG}", f"This is a picture. {_WRONG_EN}"),
    "archive": Words(
        "这是压缩包：请解压后提交其中的 .xlsx 文件。",
        "This is a compressed archive: unpack it and submit the .xlsx file in it.",
    ),
    "damaged": Words(
        "文件已损坏或不完整，无法读取：请重新获取；若 Excel 或 WPS 能打开或修复它，请另存为 .xlsx 后再提交。",
        "The file is damaged or incomplete: get it again, or if Excel or WPS can open or repair it, save it as .xlsx.",
    ),
    "large": Words(
        "文件内容远超一份年报的规模，为安全起见没有读取：请删去多余的工作表、空行和图片后再提交。",
        "The file holds far more than a report and was not read: remove surplus sheets, rows and pictures.",
    ),
    "slow": Words(
        "读取这个文件用时过长，已经停止：请对方用标准模板重新填报，或确认文件没有被改造后再试。",
        "Reading the file took too long and was stopped: ask for it to be filled in again in the standard template.",
    ),
    "forged": Words(
        "文件内部结构是伪造的（不同部分共用同一段数据），为安全起见没有读取：请向提交单位核实文件来源。",
        "The file is forged (its parts share the same bytes) and was not read: ask the sender where it comes from.",
    ),
    "unknown": Words(f"无法识别这个文件，它不是 Excel 工作簿：{_WRONG}", f"This is no Excel workbook. {_WRONG_EN}"),
}
"""Every kind of file that is not read, and what is said of it."""


def beyond(limit: str) -> Unreadable:
    """The exception for a file that asks for more than a report needs: which limit, and how to widen it."""
    large = KINDS["large"]
    if not limit:
        return Unreadable("large")
    more = stated(limit)
    return Unreadable("large", Words(large.zh + more.zh, large.en + more.en))


@contextmanager
def in_time() -> Iterator[None]:
    """End what is done with one file when its time is over. Raises Unreadable."""
    try:
        with within(limit("seconds")):
            yield
    except TooSlow:
        slow, more = KINDS["slow"], stated("seconds")
        raise Unreadable("slow", Words(slow.zh + more.zh, slow.en + more.en)) from None


def recognise(path: Path) -> None:
    """Look at name, first bytes and list of parts; raise `Unreadable` unless this may be an .xlsx workbook."""
    try:
        kind = _kind(path)
    except TooLarge as trouble:
        raise beyond(trouble.limit) from None
    except FileNotFoundError:
        kind = "missing"
    except PermissionError:
        kind = "permission"
    except BadZipFile:
        kind = "damaged"
    except OSError:
        kind = "unavailable"
    except (ValueError, LookupError, NotImplementedError, struct.error, zlib.error, EOFError, RuntimeError):
        kind = "damaged"
    if kind:
        raise Unreadable(kind)


def _kind(path: Path) -> str:
    """Name the kind of file, or nothing where it may be a workbook."""
    if "\0" in str(path):
        return "missing"
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        return "directory"
    if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for ever
        return "special"
    if path.name.startswith(("~$", ".~lock.")):
        return "owner"
    if status.st_size == 0:
        return "empty"
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if _GUARDED in head[:64]:
        return "rights"
    if head.startswith(_OLE):
        return _compound(path)
    if head.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08")):  # of a text, the first word may be PK
        return _archive(path)
    return _other(path, head)


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b\x08", "archive"),
    (b"{\\rtf", "word"),
    (b"%TSD-Header-###%", "rights"),
    # Excel 2 to 4 wrote their records without a container.
    (b"\x09\x00\x04\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
)
_GUARDED = b"E-SafeNet"
"""Near the beginning of what another product for encrypting a whole office's files wrote."""


def _archive(path: Path) -> str:
    """Tell a workbook from the other things that are zip archives."""
    if path.stat().st_size <= limit("file"):  # larger: an archive, or a file that no reader will take
        bounded(path.read_bytes())
    with ZipFile(path) as archive:
        if overlapping(archive.infolist()):
            return "forged"
        members = {member.filename.replace("\\", "/").lower(): member for member in archive.infolist()}
        if "xl/workbook.bin" in members:
            return "xlsb"
        if "word/document.xml" in members:
            return "word"
        if "ppt/presentation.xml" in members:
            return "slides"
        if "mimetype" in members:
            with archive.open(members["mimetype"]) as file:
                return "ods" if b"opendocument.spreadsheet" in file.read(100) else "unknown"
        if "xl/workbook.xml" not in members:
            if "[content_types].xml" not in members:
                return _no_package(members)
            with archive.open(members["[content_types].xml"]) as file:
                types = file.read(1 << 20).replace(b"\0", b"")  # it may be in UTF-16
            if kind := next((kind for mark, kind in _TYPES if mark in types), ""):
                return kind
            if b"spreadsheetml" not in types:
                return "unknown"
        return "encrypted" if any(member.flag_bits & 1 for member in members.values()) else ""


_TYPES = (
    (b"ms-excel.sheet.binary", "xlsb"),
    (b"wordprocessingml.document", "word"),
    (b"presentationml.presentation", "slides"),
)
"""What a package says its main part is, where that has not the usual name."""


def _no_package(members: Iterable[str]) -> str:
    """Tell a mere archive from what is left of a workbook, and from a document of Numbers, Pages or Keynote."""
    names = list(members)
    if not names or any(name.startswith("xl/") for name in names):
        return "damaged"
    return "unknown" if any(name.endswith(".iwa") for name in names) else "archive"


def _compound(path: Path) -> str:
    """Tell the old Office formats apart, and what hides an encrypted workbook, by the streams they hold."""
    streams = {name.lower() for name in _streams(path)}  # programs spell them in either case
    if streams & _MANAGED:  # beside what is protected may stand a workbook that says so
        return "rights"
    if "encryptedpackage" in streams:
        return "encrypted"
    if streams & {"workbook", "book"}:
        return "et" if path.suffix.lower() in (".et", ".ett") else "xls"
    if "worddocument" in streams:
        return "word"
    if "powerpoint document" in streams:
        return "slides"
    return "office" if streams else "damaged"


_MANAGED = {"drmencrypteddataspace", "drmencryptedtransform", "\tdrmcontent", "\tdrmdataspace", "\tdrmtransform"}
"""The names by which rights management marks a document, [MS-OFFCRYPTO] 2.2; no password opens it."""


def _streams(path: Path) -> set[str]:
    """List the names in the directory of a compound file, following its chain of sectors."""
    names: set[str] = set()
    with path.open("rb") as file:
        head = file.read(512)
        size = 1 << struct.unpack_from("<H", head, 30)[0]
        if size not in (512, 4096):
            return names
        tables = struct.unpack_from("<109I", head, 76)
        (sector,) = struct.unpack_from("<I", head, 48)
        for _ in range(256):  # of a chain that runs in a circle, so much is enough
            if sector // (size // 4) >= len(tables):
                break
            file.seek((sector + 1) * size)
            entries = file.read(size)
            for at in range(0, len(entries) - 127, 128):
                (length,) = struct.unpack_from("<H", entries, at + 64)
                names.add(entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"))
            file.seek((tables[sector // (size // 4)] + 1) * size + sector % (size // 4) * 4)
            link = file.read(4)
            if len(link) < 4:
                break
            (sector,) = struct.unpack("<I", link)
    return names - {""}


def _other(path: Path, head: bytes) -> str:
    """Name what no mark at the beginning tells: pictures, text, or an archive behind something else."""
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "picture"
    if (head.startswith(b"RIFF") and head[8:12] == b"WEBP") or head[4:8] == b"ftyp":
        return "picture"
    if is_zipfile(path):
        return _archive(path)
    return _written(head)


def _written(head: bytes) -> str:
    """Tell web pages and XML from plain text, and text from anything else."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    elif head.translate(None, _CONTROLS) == head:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")  # only its ASCII is looked at
    else:
        return "unknown"
    text = text.strip().lower()
    if "<html" in text or text.startswith(("<!doctype html", "<table", "<head", "<meta", "<style", "mime-version:")):
        return "html"
    if not text.startswith("<?xml"):
        return "text"
    if "urn:schemas-microsoft-com:office:spreadsheet" in text or 'progid="excel.sheet"' in text:
        return "xml2003"
    return "ods" if "opendocument" in text else "unknown"


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1a\x1b"))
