"""The gate package: the chart can be packed, and nothing gets into the package that should not."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from release_kit.errors import InputError
from release_kit.values.finding import Finding, Gate

SECRET_NAMES = (
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "*.tfstate",
    "*.tfvars",
    ".env",
    ".env.*",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".dockerconfigjson",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    "credentials",
    "credentials.json",
    "kubeconfig",
    "*.kubeconfig",
    "secrets.yaml",
    "secrets.yml",
)
"""Names of files that hold a secret more often than not."""
_SECRET_TEXT = tuple(f"-----BEGIN {kind}PRIVATE KEY".encode() for kind in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "))
_NOT_SECRET = (".env.example", ".env.sample", ".env.template")


def check(
    files: Mapping[str, bytes], links: Iterable[tuple[str, str]], pack: Callable[[Mapping[str, bytes]], object]
) -> list[Finding]:
    """Reports links that leave the chart, secrets by name, and why the chart can't be packed.

    Args:
        files: the chart's files, as they would be packed.
        links: paths of the chart that are symbolic links to the outside, and where they lead.
        pack: packs the files; raises InputError for what helm would refuse.
    """
    leaving = dict(links)
    found = [_link(path, target) for path, target in leaving.items() if not _is_below(path, leaving)]
    found += [_secret(path) for path, content in files.items() if _is_secret(path, content)]
    try:
        pack(files)
    except InputError as error:
        found.append(refused(error))
    return found


def refused(error: InputError) -> Finding:
    """Returns the finding of a chart that can't be packed."""
    return Finding(Gate.PACKAGE, error.message, error.remedy or "`helm package` refuses it, too")


def _is_below(path: str, links: Mapping[str, str]) -> bool:
    """Tells whether a path is inside of a folder that is a link itself."""
    parts = path.split("/")
    return any("/".join(parts[:depth]) in links for depth in range(1, len(parts)))


def _link(path: str, target: str) -> Finding:
    remedy = "copy the file into the chart: what is packed must be what was reviewed"
    return Finding(Gate.PACKAGE, f"is a symbolic link that leaves the chart, to {target}", remedy, path, thing=path)


def _is_secret(path: str, content: bytes) -> bool:
    if path.startswith(("templates/", "crds/")) and path.endswith((".yaml", ".yml", ".tpl", ".txt")):
        return False
    name = path.rpartition("/")[2]
    if name in _NOT_SECRET:
        return False
    return any(fnmatchcase(name, pattern) for pattern in SECRET_NAMES) or content.lstrip().startswith(_SECRET_TEXT)


def _secret(path: str) -> Finding:
    remedy = "add it to .helmignore and take it out of the repository, or make an exception with a reason"
    return Finding(Gate.PACKAGE, f"{path} looks like a secret, and would be packed", remedy, path, thing=path)
