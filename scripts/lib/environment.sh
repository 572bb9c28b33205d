# Sourced by the scripts beside it. Finds a Python, makes an environment for it once:
#
#   use_environment newest           Python 3.14.2 or newer, else 3.13
#   use_environment 3.13 | 3.14      that one
#
# and leaves its interpreter in $python. Works with the bash that macOS ships.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export UV_PYTHON_DOWNLOADS=never

say() { printf '%s\n' "$@" >&2; }

die() {
  say "$@"
  exit 1
}

# Every interpreter that may be worth a look, one a line, best first.
python_candidates() {
  local version=$1 uv
  type -aP "python$version" python3 python || true
  ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python3 2>/dev/null || true
  if uv=$(working_uv); then "$uv" python find --no-project "$version" 2>/dev/null || true; fi
}

# Print the path of an interpreter of this minor version that Home Assistant runs on.
find_python() {
  local version=$1 candidate
  while read -r candidate; do
    "$candidate" - "$version" 2>/dev/null <<'PYTHON' && return 0
import sqlite3, ssl, sys
ok = "%d.%d" % sys.version_info[:2] == sys.argv[1] and not (3, 14) <= sys.version_info < (3, 14, 2)
ok and print(sys.executable)
sys.exit(not ok)
PYTHON
  done < <(python_candidates "$version")
  return 1
}

working_uv() {
  local candidate
  for candidate in uv "$ROOT/.venv-uv/bin/uv" "$HOME/.local/bin/uv"; do
    if "$candidate" --version >/dev/null 2>&1; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# Print the path of a uv, fetching one where there is none.
ensure_uv() {
  local candidate
  working_uv && return 0
  say "Fetching uv, the package installer ..."
  for candidate in "$@" python3; do
    if "$candidate" -m venv "$ROOT/.venv-uv" >/dev/null 2>&1 &&
      "$ROOT/.venv-uv/bin/python" -m pip install --quiet uv >&2; then
      working_uv && return 0
    fi
  done
  return 1
}

no_python() {
  die "No Python ${1:-3.13 (or 3.14.2 and newer)} was found on PATH, in pyenv or by uv." \
    "Home Assistant needs it. Any of these installs one:" \
    "  uv python install ${1:-3.14}" \
    "  pyenv install ${1:-3.14}" \
    "  your system's package manager, or python.org"
}

# Whether this purpose has been installed for, from the pins as they are now.
is_installed() { [ "$(cat "$environment/.$1" 2>/dev/null)" = "$pins" ]; }

# Install packages for a purpose: install tests -r requirements_test.txt
install() {
  local purpose=$1 quiet=--quiet
  shift
  uv=$(ensure_uv "$base_python") ||
    die "uv, the package installer, is missing and could not be fetched." \
      "Every package manager has it: https://docs.astral.sh/uv"
  say "Installing packages for the $purpose into ${environment##*/} (once, half a minute or so) ..."
  if [ "$purpose" = tests ]; then
    "$uv" venv --quiet --clear --python "$base_python" "$environment"
  fi
  if [ -t 2 ]; then quiet=--color=auto; fi # somebody is watching: uv shows its progress
  "$uv" pip install "$quiet" --python "$python" "$@" >&2
  echo "$pins" >"$environment/.$purpose"
}

use_environment() {
  local version=$1
  if [ "$version" = newest ]; then
    if base_python=$(find_python 3.14); then
      version=3.14
    else
      version=3.13
      base_python=$(find_python 3.13) || no_python
    fi
  else
    base_python=$(find_python "$version") || no_python "$version"
  fi
  environment=$ROOT/.venv-$version
  python=$environment/bin/python
  pins=$(echo "$base_python" | cat - "$ROOT/requirements_test.txt" | cksum)
  is_installed tests || install tests -r "$ROOT/requirements_test.txt"
}

# What Home Assistant would install at the demo's first start, installed beforehand.
use_demo_environment() {
  use_environment "$1"
  is_installed demo && return 0
  # shellcheck disable=SC2046  # one pin a word
  install demo $(cd "$ROOT" && "$python" -m demo.requirements)
}
