# What the scripts need of the machine, and how they get it. Sourced, in the root of the project.

stop() {
    printf '%s: %s\n' "${0#./}" "$1" >&2
    exit 1
}

is_debian_root() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

apt_install() {
    echo "Installing $* with apt-get …"
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

ensure_compiler() {
    command -v cc >/dev/null && return
    is_debian_root || stop "no C compiler (cc) was found, and SQLite is built with one. Install gcc (Debian: apt-get install gcc libc6-dev)."
    apt_install gcc libc6-dev
}

# Prints the first Python that is new enough and can make a virtual environment with pip in it.
find_python() {
    local python
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    return 1
}

# Makes a virtual environment beside what cargo builds and prints its folder: ensure_venv NAME WITHOUT FILE…
# The files name exact versions by their hashes; what is built from source is built with what the files
# before brought. It is made once, and again when a file has changed. WITHOUT says how to do without it.
ensure_venv() {
    local venv=${CARGO_TARGET_DIR:-target}/$1 without=$2 python file
    shift 2
    case "$venv" in
    /*) ;;
    *) venv=$PWD/$venv ;;
    esac
    printf '%s\n' "$venv"
    if cat "$@" | cmp -s - "$venv/made-of" && "$venv/bin/python" -c ''; then
        return
    fi
    if ! python=$(find_python); then
        is_debian_root || stop "no Python 3.11 or newer that can make a virtual environment was found. Install one
(Debian: apt-get install python3-venv; Fedora: dnf install python3; macOS: brew install python), or $without"
        apt_install python3-venv >&2
        python=$(find_python) || stop "apt-get installed python3-venv, but its Python is older than 3.11. Put a newer one on PATH, or $without"
    fi
    echo "Making a virtual environment in $venv with $("$python" --version) …" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv" || stop "$python cannot make a virtual environment; see above."
    for file in "$@"; do
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
            --no-build-isolation -r "$file" >&2 ||
            stop "the packages in $file cannot be installed; see above. Without a network, $without"
    done
    cat "$@" >"$venv/made-of"
}
