"""What `oci_image` attributes change in an image config (image-spec: config.md) and manifest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from oci_layout.layout import Document

SETTING_FILES = ("annotations", "cmd", "created", "entrypoint", "env", "exposed_ports", "labels", "volumes")

_VARIABLE = re.compile(r"\$\{?([a-zA-Z0-9_]+)\}?")


@dataclass(frozen=True)
class Settings:
    """The attributes' values.

    Attributes:
        texts: the content of each attribute's file, by attribute name; those not given are absent.
        user: the config's `User`; empty keeps the base's.
        workdir: the config's `WorkingDir`; empty keeps the base's.
    """

    texts: dict[str, str]
    user: str
    workdir: str

    @classmethod
    def read(cls, files: dict[str, Path | None], user: str, workdir: str) -> Settings:
        """Reads the attributes' files."""
        return cls({name: path.read_text() for name, path in files.items() if path}, user, workdir)

    def apply_to_config(self, document: Document) -> None:
        """Changes an image config in place; maps merge with the base's, lists replace it."""
        config = document.setdefault("config", {})
        if "created" in self.texts:
            document["created"] = self.texts["created"].strip()
        if "entrypoint" in self.texts:
            # The base's arguments belong to the base's entry point.
            config.pop("Cmd", None)
            config["Entrypoint"] = _words(self.texts["entrypoint"])
        if "cmd" in self.texts:
            config["Cmd"] = _words(self.texts["cmd"])
        if "env" in self.texts:
            config["Env"] = _environment(config.get("Env") or [], self.texts["env"])
        for name, key in (("exposed_ports", "ExposedPorts"), ("volumes", "Volumes")):
            if name in self.texts:
                config[key] = (config.get(key) or {}) | {
                    item: {} for item in self.texts[name].strip().split(",") if item
                }
        if "labels" in self.texts:
            config["Labels"] = (config.get("Labels") or {}) | pairs(self.texts["labels"])
        config |= {key: value for key, value in (("User", self.user), ("WorkingDir", self.workdir)) if value}

    def apply_to_manifest(self, manifest: Document) -> None:
        """Adds the annotations to a manifest in place."""
        if "annotations" in self.texts:
            manifest["annotations"] = manifest.get("annotations", {}) | pairs(self.texts["annotations"])


def pairs(text: str) -> dict[str, str]:
    """Returns the `key=value` lines of a text."""
    return {key: value for key, _, value in (line.partition("=") for line in text.split("\n") if line)}


def _words(text: str) -> list[str]:
    # A line feed inside a word is written as %5Cn, for words are one a line.
    return [line.replace("%5Cn", "\n") for line in text.split("\n") if line]


def _environment(inherited: list[str], text: str) -> list[str]:
    """Adds variables to inherited ones, in order; `$NAME` and `${NAME}` stand for values known so far."""
    values = pairs("\n".join(inherited))
    for name, value in pairs(text).items():
        values[name] = _VARIABLE.sub(lambda match: values.get(match[1], ""), value)
    return [f"{name}={value}" for name, value in values.items()]
