#!/bin/sh
# Create a virtual environment and install the requirements: setup.sh FOLDER [OPTIONS OF pip install]
# PYTHON names the Python to use; otherwise the newest that works and fits is taken.
set -eu
folder=$1
shift
found=
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    # A name on the path may be a shim that fails when run: execute it before choosing it.
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
        3.11 | 3.12 | 3.13) ;;
        *) found="$found $candidate (Python $version),"; continue ;;
    esac
    if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
        found="$found $candidate (Python $version, but without its venv module),"
        continue
    fi
    echo "Setting up $folder with Python $version: about a minute, 2.7 GB."
    "$candidate" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet -r requirements.txt "$@"
    touch "$folder/ready"
    exit 0
done
echo "No usable Python: found${found:- none,} needed is Python 3.11, 3.12 or 3.13 with its venv module" \
    "(on Debian and Ubuntu: apt install python3-venv); PYTHON=/path/to/python names another." >&2
exit 1
