# Sourced by the other scripts: makes .venv and installs the pinned dependencies, once for each change of the pins.
# shellcheck shell=sh

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Groundswell needs Python 3.11 or later, and found none. Install it, or name it: PYTHON=/path/to/python $0" >&2
    exit 1
}

# install_into_venv PROJECT: `.` or `.[dev]`
install_into_venv() {
    project=$1
    python=$(find_python) || exit 1
    if [ ! -x .venv/bin/python ]; then
        echo "Making .venv with $("$python" --version) ..."
        "$python" -m venv .venv
    fi
    stamp=.venv/installed-$(echo "$project" | tr -dc a-z)-$(cat pyproject.toml constraints.txt | cksum | tr -d ' ')
    [ -e "$stamp" ] && return
    echo "Installing the pinned dependencies (the first time takes a minute) ..."
    uv_pin=$(grep '^uv==' constraints.txt)
    # uv installs in seconds what takes pip minutes. It does not read pip's settings, so pip takes over where it fails.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv_pin" &&
        .venv/bin/python -m uv pip install --python .venv/bin/python --compile-bytecode \
            --constraint constraints.txt --editable "$project" ||
        .venv/bin/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable "$project"
    rm -f .venv/installed-"$(echo "$project" | tr -dc a-z)"-*
    : >"$stamp"
}
