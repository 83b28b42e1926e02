"""Make `data/first_face.jpg`: the face that lesson 00 begins with. A maintainer's step; users never run it.

    python data/build/first_face.py

The browser draws heads itself; Python's picture stays where no kernel runs. With this one on the disk, the first cell
of the course waits neither for the renderer nor for the textures of the face model.
"""

import hashlib
import json

from kit.faces.pictures import encoded
from kit.files import data
from kit.widgets.two_halves import FIRST, START, compute, image


def main() -> None:
    """Draw it, and note its checksum in the manifest."""
    content, manifest = encoded(image(compute(START), START)), data.folder() / "manifest.json"
    (data.folder() / FIRST).write_bytes(content)
    entries = json.loads(manifest.read_text())
    entries[FIRST] = {
        "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "licence": "CC0-1.0",
        "maker": "data/build/first_face.py",
    }  # fmt: skip
    manifest.write_text(json.dumps(entries, indent=1) + "\n")


if __name__ == "__main__":
    main()
