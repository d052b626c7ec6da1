#!/bin/sh
# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Find a Python that really runs (a pyenv shim may be on PATH and fail) and let it set up .cache/.
# The newest ansible-core needs 3.12 to 3.14; 3.10 and 3.11 do with an older one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

works() { # works PYTHON LOWEST-MINOR
    "$1" -c "import ensurepip, ssl, sys, venv; sys.exit(not (3, $2) <= sys.version_info < (3, 15))" >/dev/null 2>&1
}

of_pyenv() {
    command -v pyenv >/dev/null 2>&1 || return 0
    for version in $(pyenv versions --bare 2>/dev/null | sort -rV); do
        printf '%s\n' "$(pyenv root)/versions/$version/bin/python"
    done
}

find_python() {
    for lowest in 12 10; do
        printf '%s\n' python3.13 python3.12 python3.14 /usr/bin/python3 python3 python \
            "$(of_pyenv)" python3.11 python3.10 | while IFS= read -r python; do
            if [ -n "$python" ] && works "$python" "$lowest"; then
                printf '%s\n' "$python"
                break
            fi
        done | grep . && return 0
    done
    return 1
}

python=$(find_python) || python=
if [ -z "$python" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "No usable Python with venv: installing python3-venv" >&2
    apt-get -qq update >&2 && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install python3-venv >&2
    python=$(find_python) || python=
fi
if [ -z "$python" ]; then
    echo "No Python 3.10 to 3.14 with the modules venv, ensurepip and ssl was found (on Debian: apt install python3-venv)." >&2
    exit 1
fi
exec "$python" "$here/prepare.py"
