"""Where the remote cache is, and who we are to it: an option or the environment says so."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.remote_cache.disk import DiskCache
from release_kit.adapters.remote_cache.http import HttpCache
from release_kit.errors import InputError
from release_kit.values.own_variables import REMOTE_CACHE as VARIABLE
from release_kit.values.own_variables import REMOTE_CACHE_AUTHORIZATION as AUTHORIZATION
from release_kit.values.reference import is_loopback

OPTION = "--remote-cache"
_EXPECTED = (
    "name the http:// or https:// address that Bazel's --remote_cache has, or the absolute folder of --disk_cache"
)
_GRPC = "name the address at which the same cache speaks HTTP: most do, at another port"


def find(named: str | None, environ: Mapping[str, str]) -> HttpCache | DiskCache | None:
    """Returns the remote cache that is named; None where none is. Asks it nothing yet.

    Args:
        named: what the option says; without it the environment's address is taken, which may have user and password.
        environ: also says what the header Authorization is to have, for caches that want something else.

    Raises:
        InputError: it is neither an address nor a folder, or secrets would be seen by others; none is in the message.
    """
    text, place = (named, OPTION) if named else (environ.get(VARIABLE, ""), VARIABLE)
    if not text:
        return None
    if text.startswith("/"):
        return _disk(Path(text), place)
    scheme, separator, rest = text.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        remedy = _GRPC if scheme.lower().startswith("grpc") and separator else _EXPECTED
        raise InputError(f"{place}: expected the address or the folder of a remote cache, found something else", remedy)
    return _http(scheme, rest, place, environ.get(AUTHORIZATION, ""))


def _disk(folder: Path, place: str) -> DiskCache:
    if not (folder / "cas").is_dir():
        raise InputError(f"{place}: {folder} is no folder of --disk_cache: there is no cas in it", _EXPECTED)
    return DiskCache(folder)


def _http(scheme: str, rest: str, place: str, header: str) -> HttpCache:
    authority, _, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    url = urls.parse(f"{scheme}://{host}/{path.rstrip('/')}")
    if "@" in path:
        remedy = "write / and @ as %2F and %40 in a user, in a password and in the path"
        raise InputError(f"{place}: expected no @ behind the host's name and a /", remedy)
    if url is None or "?" in url.target or not url.target.isprintable():
        raise InputError(f"{place}: expected an address such as https://cache.example.com/prefix", _EXPECTED)
    if at and place == OPTION:
        remedy = f"name the address in {VARIABLE}, or what the header Authorization is to have in {AUTHORIZATION}"
        raise InputError(f"{OPTION}: a user and a password are seen by others on a command line", remedy)
    if at and header:
        raise InputError(f"{VARIABLE} and {AUTHORIZATION} both say who we are to the remote cache", "name one")
    if not header.isascii() or not header.isprintable():
        said = "expected the value of a header: one line of printable ASCII"
        raise InputError(f"{AUTHORIZATION}: {said}, found other characters", "look for a line end behind it")
    if not user.isprintable():
        remedy = "write other characters as %XX"
        raise InputError(f"{VARIABLE}: expected a user and a password in printable text, found none", remedy)
    if at:
        name, _, password = user.partition(":")
        header = Credentials(unquote(name), unquote(password)).basic()
    if header and url.scheme == "http" and not is_loopback(url.host):
        remedy = "use https://, or no user"
        raise InputError(f"{place}: who we are must not travel over plain HTTP to {url.host}", remedy)
    return HttpCache(url._replace(target=url.target.rstrip("/")), header)
