"""Releases images of real image rule sets: bazel run //tests/interop -- --rules_oci PATH [--rules_img PATH]."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from release_kit.adapters.local_registry import LocalRegistry
from release_kit.errors import ReleaseError
from tests.interop import checks
from tests.interop.options import Options, parse
from tests.interop.report import Finding, summary, table
from tests.interop.scratch import Scratch, write
from tests.interop.session import Bazel, bazel_program
from tests.interop.shape import Shape, as_text

STAND_IN = Path("offline", "rules_oci")


def main(arguments: list[str]) -> int:
    """Runs all checks; returns the exit code."""
    try:
        options = parse(arguments, Path(os.environ.get("BUILD_WORKING_DIRECTORY", Path.cwd())))
        repository = _repository()
        with _folder(options.folder) as folder, _registry(folder) as host:
            findings = list(_findings(options, repository, folder, host))
    except ReleaseError as error:
        print(f"interop: error: {error.message}{'; ' if error.remedy else ''}{error.remedy}", file=sys.stderr)
        return error.exit_code
    print(table(findings) + summary(findings))
    return 1 if any(finding.reason for finding in findings) else 0


def _findings(options: Options, repository: Path, folder: Path, host: str) -> Iterator[Finding]:
    scratch = Scratch(repository, options.rule_sets, tuple(options.modules), options.toolchains)
    with _module(folder / "real", scratch, options, options.modules) as bazel:
        run = checks.Run(bazel, options.rule_sets, host, folder)
        released = list(checks.released(run))
        yield from released
        if released[0].reason:
            return
        if "rules_img" in options.rule_sets:
            yield from checks.img_layouts(run)
        if "rules_oci" not in options.rule_sets:
            return
        real = checks.shapes(run)
        if options.shapes:
            Path(options.shapes).write_text(as_text(real))
    yield from _stand_in(options, repository, folder, real)


def _stand_in(options: Options, repository: Path, folder: Path, real: dict[str, Shape]) -> Iterator[Finding]:
    """Builds the same images with the stand-in, in a module that has nothing else from a checkout."""
    scratch = Scratch(repository, ("rules_oci",))
    modules = {"rules_oci": repository / STAND_IN}
    with _module(folder / "stand_in", scratch, options._replace(bazel_flags=()), modules) as bazel:
        built = bazel("build", "//images/...")
        if built.code:
            yield Finding("stand-in", "every target builds", built.reason)
        else:
            yield from checks.same_shapes(checks.shapes(checks.Run(bazel, (), "", folder)), real)


@contextmanager
def _module(folder: Path, scratch: Scratch, options: Options, modules: dict[str, Path]) -> Iterator[Bazel]:
    write(folder, scratch)
    flags = [f"--override_module={name}={path}" for name, path in modules.items()]
    bazel = Bazel(bazel_program(options.bazel, scratch.repository), folder, (*flags, *options.bazel_flags))
    print(f"interop: building in {folder}", file=sys.stderr)
    try:
        yield bazel
    finally:
        bazel.shutdown()


@contextmanager
def _folder(given: str) -> Iterator[Path]:
    if given:
        yield Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="interop-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _registry(folder: Path) -> Iterator[str]:
    registry = LocalRegistry(folder / "registry")
    try:
        yield registry.ensure().host
    finally:
        registry.stop()


def _repository() -> Path:
    given = os.environ.get("BUILD_WORKSPACE_DIRECTORY")
    return Path(given) if given else Path(__file__).resolve().parents[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
