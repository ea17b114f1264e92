#!/bin/sh
# Create a virtual environment and install the requirements: setup.sh FOLDER [OPTIONS OF pip install]
# PYTHON names the Python to use; otherwise the newest that works and fits is taken.
# Where there is a tensorflow-cpu, it is taken in place of tensorflow, which does the same with twice the download.
set -eu
folder=$1
shift
case $(uname -s)-$(uname -m) in
    Linux-x86_64) tensorflow=tensorflow-cpu other=tensorflow size="a minute, 2.1 GB" ;;
    *) tensorflow=tensorflow other=tensorflow_cpu size="a minute or two, up to 2.5 GB" ;;
esac
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
    # Not the Python of the folder itself, which may be activated.
    base=$("$candidate" -c 'import sys; print(sys._base_executable)')
    # Both packages fill one folder, so neither may be installed over the other. Of a link only the link goes.
    if ls -d "$folder"/lib/python3*/site-packages/"$other"-[0-9]*.dist-info >/dev/null 2>&1; then
        echo "$folder holds another package of TensorFlow, so it is made anew."
        rm -rf "$folder"
    fi
    echo "Setting up $folder with Python $version: about $size."
    "$base" -m venv "$folder"
    sed "s/^tensorflow\([<>=]\)/$tensorflow\1/" requirements.txt > "$folder/requirements.txt"
    "$folder/bin/python" -m pip install --quiet -r "$folder/requirements.txt" "$@"
    touch "$folder/ready"
    exit 0
done
echo "No usable Python: found${found:- none,} needed is Python 3.11, 3.12 or 3.13 with its venv module" \
    "(on Debian and Ubuntu: apt install python3-venv); PYTHON=/path/to/python names another." >&2
exit 1
