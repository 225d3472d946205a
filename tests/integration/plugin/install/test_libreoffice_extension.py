"""Setting up LibreOffice: with one that is not there, and for real in a profile of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.office import libreoffice as office
from tests.samples import fake_machine as fake
from tests.samples.extension_job import loaded
from workbook.cli.console import Console
from workbook.safety.messages import UserError
from xlplugin.building.extension_package import build_extension
from xlplugin.install import libreoffice_extension
from xlplugin.install.install_commands import install_plugin, run_doctor, uninstall_plugin
from xlplugin.install.install_record import InstallRecord
from xlplugin.install.libreoffice_extension import bridge_steps, extension_step, read_installed, settings_path
from xlplugin.install.machine import Machine, RegistryValue, button_python

MAKE = {
    "win32": lambda folder: fake.windows(folder, excel=False),
    "darwin": lambda folder: fake.mac(folder, excel=False),
    "linux": fake.linux,
}


@pytest.fixture(params=MAKE)
def machine(request: pytest.FixtureRequest, tmp_path: Path, built: Path) -> fake.Fake:
    found = MAKE[request.param](tmp_path)
    found.environ["OGI_TEMPLATES"] = str(built)
    return found


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def unopkg(machine: fake.Fake, profile: Path) -> fake.Unopkg:
    return fake.Unopkg(machine, profile)


def other_version() -> bytes:
    return build_extension().replace(b"Addons.xcu", b"Others.xcu")


@pytest.mark.usefixtures("unopkg")
def test_libreoffice_is_set_up_and_put_back(machine: fake.Fake, profile: Path, console: Console) -> None:
    before = machine.files()
    assert install_plugin(machine, console, only="libreoffice") == 0
    assert extension_step(machine).is_done
    named = json.loads(settings_path(machine).read_text("utf-8"))
    assert named == {"python": str(button_python(machine))}
    (command,) = [one for one in machine.ran if Path(one[0]).name.startswith("unopkg")]
    assert command[1:5] == ["add", "--force", "--suppress-license", f"-env:UserInstallation={profile.as_uri()}"]
    assert Path(command[0]).name == ("unopkg.com" if machine.platform == "win32" else "unopkg")
    assert command[5].endswith("ogi.oxt")
    once = machine.files()
    assert install_plugin(machine, console, only="libreoffice") == 0
    assert machine.files() == once
    assert len([one for one in machine.ran if one[1] == "add"]) == 1
    assert uninstall_plugin(machine, console) == 0
    assert machine.files() == before
    assert read_installed(profile) is None


@pytest.mark.usefixtures("unopkg")
def test_the_version_that_was_there_comes_back(machine: fake.Fake, profile: Path, console: Console) -> None:
    libreoffice_extension.add_extension(machine, profile, other_version())
    before = read_installed(profile)
    install_plugin(machine, console, only="libreoffice")
    assert read_installed(profile) != before
    uninstall_plugin(machine, console)
    assert read_installed(profile) == before


@pytest.mark.parametrize("changed", ["another version", "removed"])
def test_what_was_changed_by_hand_since_is_left(
    machine: fake.Fake, profile: Path, unopkg: fake.Unopkg, changed: str
) -> None:
    InstallRecord(machine).make(extension_step(machine))
    if changed == "removed":
        unopkg(["unopkg", "remove", libreoffice_extension.IDENTIFIER])
    else:
        libreoffice_extension.add_extension(machine, profile, other_version())
    now = read_installed(profile)
    record = InstallRecord(machine)
    assert record.undo(record.entries[0]) is (changed == "removed")
    assert read_installed(profile) == now


@pytest.mark.usefixtures("unopkg")
def test_compiled_python_in_the_profile_is_not_another_version(machine: fake.Fake, profile: Path) -> None:
    extension_step(machine).make()
    (folder,) = profile.rglob("ogi.oxt")
    fake.made(folder / "__pycache__" / "ogi_job.cpython-311.pyc")
    assert extension_step(machine).is_done


@pytest.mark.usefixtures("unopkg")
def test_an_extension_switched_off_is_not_installed(machine: fake.Fake, profile: Path) -> None:
    extension_step(machine).make()
    (listed,) = profile.rglob("backenddb.xml")
    listed.write_text(listed.read_text().replace('ogi.oxt">', 'ogi.oxt" revoked="true">'))
    assert read_installed(profile) is None


def test_what_libreoffice_says_is_passed_on(
    machine: fake.Fake, profile: Path, console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.Unopkg(machine, profile, refuses="ERROR: unopkg is running already")
    assert install_plugin(machine, console, only="libreoffice") == 2
    said = capsys.readouterr().out
    assert "未做成　LibreOffice 扩展" in said
    assert "unopkg is running already" in said
    assert uninstall_plugin(machine, console) == 0
    assert not settings_path(machine).exists()


def test_without_libreoffice_nothing_is_done(machine: fake.Fake, console: Console) -> None:
    machine.environ["OGI_SOFFICE"] = "none"
    before = machine.files()
    assert install_plugin(machine, console) == 0
    with pytest.raises(UserError, match="LibreOffice"):
        install_plugin(machine, console, only="libreoffice")
    assert machine.files() == before


INSTALL_PATH = r"HKLM\SOFTWARE\LibreOffice\UNO\InstallPath"


def test_libreoffice_is_found_where_each_system_keeps_it(tmp_path: Path) -> None:
    """An entry or a name that leads nowhere is none: what is left of a LibreOffice that was removed."""
    a_mac, windows, linux = fake.mac(tmp_path), fake.windows(tmp_path), fake.linux(tmp_path)
    kept = {
        "mac": a_mac.home / "Applications/LibreOffice.app/Contents/MacOS/soffice",
        "windows": tmp_path / "LibreOffice" / "program" / "soffice.exe",
        "linux": tmp_path / "bin" / "libreoffice",
    }
    windows.registry.set_value(INSTALL_PATH, "", RegistryValue(str(kept["windows"].parent)))
    machines = {"mac": a_mac, "windows": windows, "linux": linux}
    assert {libreoffice_extension.find_libreoffice(one) for one in machines.values()} == {None}
    fake.made(*kept.values())
    linux.programs["libreoffice"] = kept["linux"]
    assert {name: libreoffice_extension.find_libreoffice(one) for name, one in machines.items()} == kept


@pytest.fixture(scope="module")
def job() -> Any:
    """The extension's own module."""
    return loaded()


@pytest.mark.usefixtures("unopkg")
def test_the_extension_reads_the_file_that_is_written(machine: fake.Fake, console: Console, job: Any) -> None:
    install_plugin(machine, console, only="libreoffice")
    environ = {"HOME": str(machine.home), **machine.environ}
    assert job.settings_path(environ, machine.platform) == settings_path(machine)
    assert job.read_interpreter(settings_path(machine)) == str(button_python(machine))


@pytest.mark.parametrize("named", ["XDG_CONFIG_HOME", "OGI_LIBREOFFICE"])
def test_the_extension_heeds_the_same_variables(tmp_path: Path, job: Any, named: str) -> None:
    machine = fake.linux(tmp_path)
    machine.environ[named] = str(tmp_path / "elsewhere")
    assert job.settings_path({"HOME": str(machine.home), **machine.environ}, "linux") == settings_path(machine)


# For real


@pytest.fixture
def here(tmp_path: Path, built: Path) -> Iterator[Machine]:
    """This computer with a home and a profile of its own."""
    if (missing := office.why_not()) is not None:
        pytest.skip(missing)
    own = {
        "OGI_HOME": str(tmp_path / "home"),
        "OGI_LIBREOFFICE_PROFILE": str(tmp_path / "profile 一"),
        "OGI_TEMPLATES": str(built),
    }
    (tmp_path / "home").mkdir()
    yield Machine(environ={**os.environ, **own})


@pytest.mark.office
def test_a_real_libreoffice_is_set_up_and_put_back(
    here: Machine, console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_doctor(here, console) == 1
    assert install_plugin(here, console) == 0
    assert install_plugin(here, console) == 0
    capsys.readouterr()
    assert run_doctor(here, console) == 0
    assert "扩展已登记" in capsys.readouterr().out
    assert offered(here) == ["ogi.workbook.menu", "ogi.workbook.toolbar"]
    assert uninstall_plugin(here, console) == 0
    assert offered(here) == []
    assert list(here.home.iterdir()) == []


ASK = """
import sys
from xlplugin import uno_bridge as bridge
context = bridge.connect_office(sys.argv[1], 90)
provider = context.ServiceManager.createInstanceWithContext("com.sun.star.configuration.ConfigurationProvider", context)
for name in ("OfficeMenuBar", "OfficeToolBar"):
    place = bridge.make_properties(nodepath="/org.openoffice.Office.Addons/AddonUI/" + name)
    view = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", place)
    print(*[one for one in view.getElementNames() if one.startswith("ogi.")], sep="\\n")
context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
"""


def offered(here: Machine) -> list[str]:
    """What a LibreOffice of that profile offers of ours, by its own configuration."""
    profile, program = libreoffice_extension.profile_folder(here), libreoffice_extension.find_libreoffice(here)
    assert program is not None
    pipe = f"pipe,name=ogitest{os.getpid()}"
    flags = ["--headless", "--norestore", "--nologo", "--nodefault", f"--accept={pipe};urp;"]
    process = subprocess.Popen([program, f"-env:UserInstallation={profile.as_uri()}", *flags])
    try:
        ended = here.run([here.python, "-P", "-c", ASK, pipe])
        process.wait(60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return [line for line in ended.output.splitlines() if line]


@pytest.mark.office
def test_a_virtual_environment_without_the_bridge_is_given_it(here: Machine, tmp_path: Path) -> None:
    system = Path("/usr/bin/python3")
    if not (Path("/usr/lib/python3/dist-packages/uno.py").is_file() and system.is_file()):
        pytest.skip("no bridge of the distribution here")
    subprocess.run([system, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    bare = Machine(environ=here.environ, python=tmp_path / "venv" / "bin" / "python")
    steps = list(bridge_steps(bare))
    assert [Path(step.target).name for step in steps] == ["uno.py", "unohelper.py"]
    assert bare.run([bare.python, "-P", "-c", "import uno"]).code != 0
    for step in steps:
        step.make()
    assert bare.run([bare.python, "-P", "-c", "import uno, unohelper"]).code == 0
    assert all(step.is_done for step in bridge_steps(bare))


def test_the_bridge_is_not_put_into_a_python_it_is_not_made_for(tmp_path: Path) -> None:
    machine = fake.linux(tmp_path)
    apart = {str(machine.python): [True, "/opt", 3, 13], "/usr/bin/python3": [False, "/usr", 3, 11]}

    def answer(command: list[str]) -> fake.FinishedRun:
        if command[-1] == "import uno":
            return fake.FinishedRun(1, "no uno")
        return fake.FinishedRun(0, json.dumps(apart[command[0]]))

    machine.answer = answer
    assert list(bridge_steps(machine)) == []
    apart[str(machine.python)] = [False, "/usr", 3, 11]
    assert list(bridge_steps(machine)) == [], "no virtual environment: the system's own folders are not ours"


def test_the_extension_can_be_built_where_no_built_one_is(machine: fake.Fake, tmp_path: Path) -> None:
    machine.environ["OGI_TEMPLATES"] = str(tmp_path / "nowhere")
    assert libreoffice_extension.read_built_extension(machine)[:2] == b"PK"
