"""What the gates of a chart are to hold it to: the document GATES.json (docs/documents.md)."""

import re
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.fields import Fields, read_document
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.finding import Gate

SCHEMA = "rules_release/chart-gates/v1"
KUBE_VERSION = "1.31.0"
MAX_FILE_BYTES = 5 * 1024 * 1024
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
_KUBE_VERSION = re.compile(r"v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]+)?")
_API_VERSION = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.-]+){0,2}")


class ValuesFile(NamedTuple):
    """One way to render the chart: a values file beside the chart's own `values.yaml`."""

    name: str
    """As it is named in the document and in findings."""
    path: Path | None
    """None: the chart's own values and nothing else."""
    api_versions: tuple[str, ...] = ()
    """What `.Capabilities.APIVersions` has besides the built-in ones."""


class SetImage(NamedTuple):
    """An image of the release set."""

    repository: str
    """With the registry, such as `ghcr.io/acme/core`; empty until it is read from the values."""
    digest: str | None = None
    values: str | None = None
    """Where the chart's values name it, such as `images.core`; None where the document names the repository."""


class ImageField(NamedTuple):
    """Where a custom resource names an image; paths such as `spec.imageName` or `spec.images[].image`."""

    group: str
    kind: str
    image: str
    pull_policy: str | None = None

    def policy_steps(self) -> tuple[str, ...]:
        """Returns the path of the pull policy, step by step; empty where there is none."""
        return tuple(self.pull_policy.split(".")) if self.pull_policy else ()


class Exemption(NamedTuple):
    """What a gate lets pass, exactly, and why."""

    gate: Gate
    file: str
    """The file of the chart, such as `templates/x.yaml`; `*` for any."""
    reason: str
    image: str | None = None
    """The image reference that is meant, for the gates that look at images; None for whatever is found in the file."""


class ChartGates(NamedTuple):
    """The whole configuration. Paths are absolute or relative to the working directory."""

    folder: Path | None = None
    """The document's own folder; None without a document."""
    release: str = "release-name"
    namespace: str = "default"
    kube_version: str = KUBE_VERSION
    values: tuple[ValuesFile, ...] = ()
    """Empty: the chart's own values, and each `ci/*-values.yaml` in it."""
    tag_key: str = "global.imageTag"
    pull_policy_key: str = "global.imagePullPolicy"
    images: tuple[SetImage, ...] | None = None
    """The images of the release set; None where the document does not name any."""
    first_party: tuple[str, ...] = ()
    """Prefixes of repositories, such as `ghcr.io/acme/`."""
    allow: tuple[str, ...] = ()
    """Images that are not of the set: exact references, or patterns with `*`."""
    image_fields: tuple[ImageField, ...] = ()
    previous: str | None = None
    """The version that was released last."""
    crds: tuple[Path, ...] = ()
    golden: Path | None = None
    max_file_bytes: int = MAX_FILE_BYTES
    exceptions: tuple[Exemption, ...] = ()

    @property
    def repositories(self) -> frozenset[str]:
        """The repositories of the set's images."""
        return frozenset(image.repository for image in self.images or ())


def load(path: Path, chart: Path) -> ChartGates:
    """Reads and checks a document.

    Args:
        path: of the document; paths in it are relative to its own folder, or else to the chart's.
        chart: the chart's folder.

    Raises:
        InputError: it is no such document, or names a file that is not there.
    """
    return read_document(path, lambda fields: _from_fields(fields, path.parent, chart))


def values_file(name: str, folder: Path, chart: Path, api_versions: tuple[str, ...] = ()) -> ValuesFile:
    """Returns a values file named by a path that is relative to a folder, or else to the chart.

    Raises:
        InputError: there is no such file.
    """
    path = _existing(name, (folder, chart), "values")
    if not path.is_file():
        raise InputError(f"values: {str(path)!r} is no file", "name a values file")
    own = path.resolve() == (chart / "values.yaml").resolve()
    return ValuesFile(name, None if own else path, api_versions)


def _from_fields(fields: Fields, folder: Path, chart: Path) -> ChartGates:
    fields.schema(SCHEMA)
    golden = fields.optional_string("golden")
    images = fields.objects("images", _image) if fields.has("images") else None
    return ChartGates(
        folder=folder,
        release=_named(fields, "release", "release-name", _NAME),
        namespace=_named(fields, "namespace", "default", _NAME),
        kube_version=_named(fields, "kube_version", KUBE_VERSION, _KUBE_VERSION),
        values=_values(fields, folder, chart),
        tag_key=fields.string("tag_key", "global.imageTag"),
        pull_policy_key=fields.string("pull_policy_key", "global.imagePullPolicy"),
        images=images,
        first_party=fields.strings("first_party"),
        allow=fields.strings("allow"),
        image_fields=fields.objects("image_fields", _image_field),
        previous=fields.nested("previous", lambda previous: previous.optional_string("version")),
        crds=tuple(_existing(name, (folder, chart), "crds") for name in fields.strings("crds")),
        golden=None if golden is None else folder / golden,
        max_file_bytes=_positive(fields, "max_file_bytes", MAX_FILE_BYTES),
        exceptions=fields.objects("exceptions", _exemption),
    )


def _named(fields: Fields, key: str, default: str, legal: re.Pattern[str]) -> str:
    """Takes what helm gets as an argument: nothing that it could take for an option."""
    text = fields.string(key, default)
    if not legal.fullmatch(text):
        raise InputError(f"{fields.path(key)}: expected such as {default!r}, found {text!r:.100}")
    return text


def _positive(fields: Fields, key: str, default: int) -> int:
    number = fields.integer(key, default)
    if number < 1:
        raise InputError(f"{fields.path(key)}: expected 1 or more, found {number}")
    return number


def _values(fields: Fields, folder: Path, chart: Path) -> tuple[ValuesFile, ...]:
    files = []
    for position, item in enumerate(fields.list("values")):
        place = f"{fields.path('values')}[{position}]"
        if isinstance(item, str):
            files.append(values_file(item, folder, chart))
        else:
            entry = Fields(item, place)
            name, versions = entry.string("file"), entry.strings("api_versions")
            entry.finish()
            for version in versions:
                if not _API_VERSION.fullmatch(version):
                    raise InputError(f"{place}.api_versions: expected such as apps/v1, found {version!r:.100}")
            files.append(values_file(name, folder, chart, versions))
    return tuple(files)


def _existing(name: str, folders: tuple[Path, ...], what: str) -> Path:
    places = [folder / name for folder in folders]
    for place in places:
        if _exists(place):
            return place
    looked = " and ".join(dict.fromkeys(str(place) for place in places))
    raise InputError(
        f"{what}: {name!r:.300} is not there (looked at {looked!r:.600})", "correct the path, or add the file"
    )


def _exists(path: Path) -> bool:
    """Tells whether there is such a path; what the system takes for none, or finds too long, is not there."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _image(fields: Fields) -> SetImage:
    digest = fields.optional_string("digest")
    checked = None if digest is None else digests.parse(digest, fields.path("digest"))
    if fields.has("values"):
        return SetImage("", checked, fields.string("values"))
    return SetImage(fields.string("repository"), checked)


def _image_field(fields: Fields) -> ImageField:
    return ImageField(
        fields.string("group", ""), fields.string("kind"), fields.string("image"), fields.optional_string("pull_policy")
    )


def _exemption(fields: Fields) -> Exemption:
    gate = fields.string("gate")
    if gate not in list(Gate):
        raise InputError(f"{fields.path('gate')}: expected one of {', '.join(Gate)}; found {gate!r:.100}")
    reason = fields.string("reason")
    if not reason.strip():
        raise InputError(f"{fields.path('reason')}: expected why this is right, found nothing")
    key = "template" if fields.has("template") else "file"
    return Exemption(Gate(gate), fields.string(key, "*"), reason, fields.optional_string("image"))
