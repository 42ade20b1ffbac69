"""The clients that are compared, and how each pushes a set with all its tags."""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.push.sets import REF_NAME, Image, ImageSet, Release

OURS = "release-kit"
ONE_BY_ONE_LIMIT = 50  # images; beyond, a process after another takes minutes
_TOOLS = Path(__file__).parents[2] / "tools"
_AT_A_TIME = 8
_JOBS = 16


@dataclass(frozen=True)
class Job:
    """One push: a release of a set to a registry, with a folder that lives as long as that registry."""

    images: ImageSet
    release: Release
    registry: str
    folder: Path

    def references(self, image: Image) -> list[str]:
        """Returns the references that must point at the image afterwards."""
        return [f"{self.registry}/{image.repository}:{tag}" for tag in self.release.tags(image)]


@dataclass(frozen=True)
class Command:
    """What to run, and the environment that it needs on top."""

    arguments: list[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Client:
    """A client: its program and how it pushes.

    Attributes:
        name: what tables call it.
        program: what is looked for on PATH; for release-kit its import root.
        version: arguments that print its version.
        command: makes the command of a job, given the path of the program.
        one_by_one: it pushes an image after another, each with processes of its own.
    """

    name: str
    program: str
    version: list[str]
    command: Callable[[str, Job], Command]
    one_by_one: bool = False

    def located(self, places: dict[str, str]) -> str | None:
        """Returns the path of the program: the one given by name, else the one on PATH."""
        given = places.get(self.name) or places.get(self.program)
        if given or self.name == OURS:
            return given or self.program
        return shutil.which(self.program)


def _release_kit(program: str, job: Job) -> Command:
    arguments = [sys.executable, "-m", "release_kit", "push", str(job.release.set_file)]
    arguments += ["--registry", job.registry, "--status-file", str(job.release.status_file)]
    arguments += ["--record", str(job.folder / "record.json")]
    return Command(arguments, _python(program, job.folder.parent))


def _python(program: str, cache: Path) -> dict[str, str]:
    """Returns what lets Python import the program, and keep its bytecode, as an installed program has it."""
    return {"PYTHONPATH": program, "PYTHONPYCACHEPREFIX": str(cache / "pycache"), "PYTHONDONTWRITEBYTECODE": ""}


def _img(*options: str) -> Callable[[str, Job], Command]:
    def command(program: str, job: Job) -> Command:
        request = job.folder / "request.json"
        request.write_text(json.dumps(_img_request(job)))
        arguments = [program, "deploy", "--request-file", str(request), "--oci-layout", str(job.images.store)]
        return Command([*arguments, "--jobs", str(_JOBS), "--progress", "none", *options], {})

    return command


def _img_request(job: Job) -> dict[str, object]:
    """Returns the deploy manifest that rules_img's rules would write."""
    operations = [
        {
            "command": "push",
            "root_kind": "manifest",
            "root": image.root,
            "manifests": [{"descriptor": image.root, "config": image.config, "layer_blobs": image.layers}],
            "registry": job.registry,
            "repository": image.repository,
            "tags": job.release.tags(image),
        }
        for image in job.images.images
    ]
    return {"operations": operations, "settings": {"push_strategy": "eager"}}


_Script = Callable[[str, Job, Image], list[list[str]]]


def _each(script: _Script, at_a_time: int = 1) -> Callable[[str, Job], Command]:
    """Makes the command that runs a script for each image, several images at a time."""

    def command(program: str, job: Job) -> Command:
        file = job.folder / "images"
        lines = [" && ".join(map(shlex.join, script(program, job, image))) for image in job.images.images]
        file.write_text("\n".join(lines) + "\n")
        xargs = ["xargs", "-a", str(file), "-d", "\\n", "-n", "1", "-P", str(at_a_time), "sh", "-c"]
        # skopeo remembers here where it has seen a blob, for mounts; the id makes it look here when it runs as root.
        return Command(xargs, {"XDG_DATA_HOME": str(job.folder), "_CONTAINERS_ROOTLESS_UID": "1"})

    return command


def _crane(program: str, job: Job, image: Image) -> list[list[str]]:
    first, *_ = job.references(image)
    tags = job.release.tags(image)[1:]
    return [[program, "push", str(image.layout), first], *([program, "tag", first, tag] for tag in tags)]


def _oras(program: str, job: Job, image: Image) -> list[list[str]]:
    target = f"{job.registry}/{image.repository}:{','.join(job.release.tags(image))}"
    source = f"{image.layout}:{REF_NAME}"
    return [[program, "cp", "--no-tty", "--to-plain-http", "--from-oci-layout", source, target]]


def _regctl(program: str, job: Job, image: Image) -> list[list[str]]:
    first, *others = job.references(image)
    copy = [program, "--host", f"reg={job.registry},tls=disabled", "image", "copy"]
    return [[*copy, f"ocidir://{image.layout}:{REF_NAME}", first], *([*copy, first, other] for other in others)]


def _skopeo(program: str, job: Job, image: Image) -> list[list[str]]:
    copy = [program, "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"]
    source = f"oci:{image.layout}:{REF_NAME}"
    return [[*copy, source, f"docker://{reference}"] for reference in job.references(image)]


CLIENTS = (
    Client(OURS, str(_TOOLS), ["--version"], _release_kit),
    Client("img", "img", [], _img()),
    Client("img dedup", "img", [], _img("--deduplicated-push", "enabled")),
    Client("crane", "crane", ["version"], _each(_crane), one_by_one=True),
    Client("crane x8", "crane", ["version"], _each(_crane, _AT_A_TIME)),
    Client("oras x8", "oras", ["version"], _each(_oras, _AT_A_TIME)),
    Client("regctl x8", "regctl", ["version"], _each(_regctl, _AT_A_TIME)),
    Client("skopeo", "skopeo", ["--version"], _each(_skopeo), one_by_one=True),
)


def version(client: Client, program: str) -> str:
    """Returns what a client says of its version, in one line; nothing where it does not say."""
    if not client.version:
        return ""
    command = [sys.executable, "-m", "release_kit"] if client.name == OURS else [program]
    environment = _python(program, Path("/nonexistent")) if client.name == OURS else None
    answer = subprocess.run([*command, *client.version], env=environment, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""
