"""Writes a wheel: the same inputs make the same bytes."""

import argparse
import base64
import hashlib
import stat
import zipfile
from pathlib import Path

_WHEEL = "Wheel-Version: 1.0\nGenerator: rules_python-stand-in\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = (stat.S_IFREG | 0o644) << 16


def main() -> None:
    """Writes what the arguments say."""
    arguments = _arguments()
    info = f"{arguments.stem}.dist-info"
    description = f"\n{arguments.description.read_text(encoding='utf-8')}" if arguments.description else ""
    files = {name: Path(path).read_bytes() for name, path in map(_pair, sorted(arguments.file))}
    files[f"{info}/METADATA"] = (arguments.metadata.read_text(encoding="utf-8") + description).encode()
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    files |= {f"{info}/{name}": Path(path).read_bytes() for name, path in map(_pair, sorted(arguments.distinfo))}
    record = [f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items()]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    with zipfile.ZipFile(arguments.out, "w") as wheel:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _MODE
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--stem", required=True, help="NAME-VERSION")
    parser.add_argument("--metadata", required=True, type=Path)
    parser.add_argument("--description", type=Path)
    parser.add_argument("--file", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--distinfo", action="append", default=[], metavar="NAME=PATH")
    return parser.parse_args()


def _pair(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    return name, path


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
