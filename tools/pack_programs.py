"""Packs a folder of programs into one file, the same bytes each time: no owners, no dates, in the order of the names.

python tools/pack_programs.py FOLDER data/results/programs/0.5.tar.xz
"""

from __future__ import annotations

import io
import lzma
import sys
import tarfile
from pathlib import Path


def packed(folder: Path) -> bytes:
    """The files of a folder as an uncompressed archive."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                file = path.read_bytes()
                member = tarfile.TarInfo(path.relative_to(folder).as_posix())
                member.size = len(file)
                archive.addfile(member, io.BytesIO(file))
    return content.getvalue()


if __name__ == "__main__":
    source, output = sys.argv[1:]
    Path(output).write_bytes(lzma.compress(packed(Path(source)), preset=9 | lzma.PRESET_EXTREME))
