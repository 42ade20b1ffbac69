"""Names in a registry, for any text: what is accepted is what a second, independent reading accepts."""

import ipaddress
import string
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.reference import (
    Registry,
    is_loopback,
    parse_reference,
    parse_registry,
    parse_repository,
    tag_fault,
)

CLAIM = settings(max_examples=100, deadline=None, derandomize=True, database=None)
LOWER, ALPHANUMERIC = frozenset(string.ascii_lowercase + string.digits), frozenset(string.ascii_letters + string.digits)
HUB = ("docker.io", "index.docker.io", "registry.hub.docker.com")


def is_component(text: str) -> bool:
    r"""OCI distribution-spec: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, read run by run."""
    runs = ["".join(run) for _, run in groupby(text, key=LOWER.__contains__)]
    ends_well = bool(runs) and runs[0][0] in LOWER and runs[-1][0] in LOWER
    separators = [run for run in runs if run[0] not in LOWER]
    return ends_well and all(run in (".", "_", "__") or not run.strip("-") for run in separators)


def is_repository(text: str) -> bool:
    return len(text) <= 255 and all(is_component(part) for part in text.split("/"))


def is_host(text: str) -> bool:
    """A DNS name (RFC 1123) or an IPv6 address in brackets, with or without a port."""
    if text.startswith("["):
        name, closed, port = text.partition("]")
        is_name = bool(closed) and len(name) > 1 and set(name[1:]) <= frozenset(string.hexdigits + ":")
    else:
        name, colon, number = text.partition(":")
        port = colon + number
        is_name = all(_is_label(label) for label in name.split("."))
    return is_name and len(text) <= 255 and (not port or _is_port(port))


def _is_label(text: str) -> bool:
    inside = set(text) <= ALPHANUMERIC | {"-"}
    return inside and 0 < len(text) <= 63 and not text.startswith("-") and not text.endswith("-")


def _is_port(text: str) -> bool:
    digits = text[1:]
    return text[0] == ":" and set(digits) <= set(string.digits) and 0 < len(digits) <= 5 and int(digits) < 65536


def is_registry(text: str) -> bool:
    host, _, prefix = text.partition("/")
    prefix = prefix.rstrip("/")
    return is_host(host) and (not prefix or is_repository(prefix))


GOOD_REPOSITORIES = st.lists(
    st.sampled_from(["a", "0", "core", "a.b", "a_b", "a__b", "a-b", "a---b", "a.b_c-0"]), min_size=1, max_size=3
).map("/".join)
REPOSITORIES = st.one_of(
    GOOD_REPOSITORIES,
    st.text(st.sampled_from("a0._-/"), max_size=6),
    st.sampled_from(
        ["a___b", "a._b", "a..b", "a-_b", "a-.b", "-a", "a-", "a/-b", "a./b", "/a", "a/", "a//b", "Ab", "a/B"]
    ),
    st.text(st.sampled_from("a/A \n\0\u0661\u00e4"), max_size=4),
    st.integers(250, 256).map(lambda length: "a/" + "a" * length),
)
GOOD_PORTS = st.sampled_from(["", "", ":5000", ":0", ":65535"])
PORTS = GOOD_PORTS | st.sampled_from([":65536", ":99999", ":123456", ":", ":-1", ":\u0661", ":1 ", ":1\n", "::1"])
GOOD_NAMES = st.sampled_from(
    ["ghcr.io", "localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]", "[fe80::1]", "a--b", "a" * 63, "0.a", *HUB]
)
BAD_NAMES = st.sampled_from(
    ["", "[]", "[::1", "::1", "[fe80::1%eth0]", "a..b", ".a", "a.", "-a", "a.-b", "a_b", "u@h", "a" * 64, "\u212a.io"]
)
LONG_NAMES = st.sampled_from(["a.b" * 63, "a.b" * 85, "a.b" * 86, "a" * 63, "a" * 64])
# One thing is wrong in most of them: two faults would hide each other.
HOSTS = st.one_of(
    st.builds("{}{}".format, BAD_NAMES | LONG_NAMES, GOOD_PORTS),
    st.builds("{}{}".format, GOOD_NAMES, PORTS),
    st.text(st.sampled_from("aA0.-:[]"), max_size=6),
)
GOOD_REGISTRIES = st.builds("{}{}{}".format, GOOD_NAMES, GOOD_PORTS, st.just("") | GOOD_REPOSITORIES.map("/{}".format))
REGISTRIES = GOOD_REGISTRIES | st.one_of(
    HOSTS,
    st.builds("{}/{}".format, GOOD_NAMES, REPOSITORIES),
    st.builds("{}{}a".format, HOSTS, st.sampled_from(["/", "//", "://"])),
)


@given(st.text(max_size=4) | st.text(st.sampled_from("aZ0_.-/+: \n\u0661\u017f"), max_size=5), st.integers(0, 130))
@CLAIM
def test_a_tag_is_what_the_specification_says(text: str, padding: int) -> None:
    for tag in (text, text + "x" * padding):
        legal = 0 < len(tag) <= 128 and set(tag) <= ALPHANUMERIC | set("_.-") and tag[0] not in ".-"
        assert (tag_fault(tag) == "") == legal
        assert len(tag) <= 128 or tag_fault(tag) == f"is {len(tag)} characters long, 128 are allowed"


@given(REPOSITORIES)
@CLAIM
def test_a_repository_is_what_the_specification_says(text: str) -> None:
    if is_repository(text):
        assert parse_repository(text, "here") == text
        return
    with pytest.raises(InputError) as caught:
        parse_repository(text, "here")
    assert caught.value.message.startswith("here: expected a repository such as shop/core")
    assert caught.value.message.isprintable()


@given(REGISTRIES | HOSTS | st.text(max_size=9))
@CLAIM
def test_a_registry_is_a_host_and_a_prefix_or_one_short_error_that_names_its_place(text: str) -> None:
    if not is_registry(text):
        with pytest.raises(InputError) as caught:
            parse_registry(text, "here")
        assert caught.value.message.startswith("here: expected ")
        assert caught.value.message.isprintable()
        assert len(caught.value.message) < 500
        return
    host, _, prefix = text.partition("/")
    expected = Registry("registry-1.docker.io" if host in HUB else host, prefix.rstrip("/"))
    assert parse_registry(text, "here") == expected


@given(GOOD_REGISTRIES)
@CLAIM
def test_a_registry_is_read_as_it_is_shown(text: str) -> None:
    registry = parse_registry(text, "here")
    assert parse_registry(str(registry), "here") == registry


@given(GOOD_REGISTRIES, GOOD_REPOSITORIES)
@CLAIM
def test_a_repository_below_a_prefix_is_one_again(text: str, name: str) -> None:
    registry = parse_registry(text, "here")
    whole = registry.repository(name)
    assert parse_repository(whole, "here") == f"{registry.prefix}/{name}".removeprefix("/")


@given(
    GOOD_NAMES,
    GOOD_REPOSITORIES,
    st.integers(0, 99),
    st.sampled_from([*"\n\r\0\t \x7f\\@?#%&=;,'\"<>(){}|^~*!$+`\u00e4\u2028", "..", "//a", "/../", "/A"]),
)
@CLAIM
def test_nothing_that_could_leave_its_place_in_a_url_is_accepted(name: str, path: str, position: int, odd: str) -> None:
    def spoiled(text: str) -> str:
        cut = position % (len(text) + 1)
        return text[:cut] + odd + text[cut:]

    with pytest.raises(InputError):
        parse_registry(spoiled(f"{name}/{path}"), "here")
    with pytest.raises(InputError):
        parse_repository(spoiled(path), "here")


def is_this_machine(name: str) -> bool:
    """What the standard library takes for a loopback address, and the one name that is always this machine's."""
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return address.is_loopback and (address.version == 4) != name.startswith("[")


_ODD_OCTETS = ["256", "257", "260", "299", "300", "999", "01", "00", "010", "0127", "128", "\u0661", "", "0x1", "1 "]


def _with_octet(address: str, position: int, octet: str) -> str:
    octets = address.split(".")
    return ".".join([*octets[:position], octet, *octets[position + 1 :]])


_LOOPBACK_LIKE = st.one_of(
    st.builds(
        _with_octet,
        st.ip_addresses(v=4, network="127.0.0.0/8").map(str),
        st.integers(0, 3),
        st.sampled_from(_ODD_OCTETS) | st.integers(0, 300).map(str),
    ),
    st.sampled_from(
        ["127.1", "127.0.0.1.nip.io", "x127.0.0.1", "2130706433", "localhost.", "localhost.evil.com", "ip6"]
    ),
    st.sampled_from(["localhost", "[::1]", "[::2]", "[::]", "127.0.0.1\n", "[127.0.0.1]", "::1", "0.0.0.0"]),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=4, network="127.0.0.0/8").map(str),
    st.ip_addresses(v=6).map("[{}]".format),
)


@given(_LOOPBACK_LIKE, st.sampled_from(["", ":80", ":5000"]))
@CLAIM
def test_loopback_is_what_the_standard_library_says_of_addresses_in_their_usual_form(name: str, port: str) -> None:
    if name == "::1" or "[::ffff:" in name:
        return  # Not how a host is written before a port, and mapped addresses, of which Python versions disagree.
    assert is_loopback(name + port) == is_this_machine(name)


@given(GOOD_REGISTRIES)
@CLAIM
def test_plain_http_is_for_nobody_else_whatever_registry_is_named(text: str) -> None:
    host = parse_registry(text, "here").host
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    assert is_loopback(host) == is_this_machine(name)


DIGESTS = st.sampled_from(["sha256:" + "0123456789abcdef" * 4, "sha512:" + "0123456789abcdef" * 8])


@given(
    DIGESTS,
    st.integers(0, 200),
    st.integers(0, 2),
    st.sampled_from(["", "0", "a", "A", "g", "/", ":", "\n", "\u0661", "\u0430", "../", "0" * 64]),
)
@CLAIM
def test_a_digest_is_an_algorithm_and_as_many_digits_as_it_has(good: str, at: int, dropped: int, odd: str) -> None:
    at %= len(good) + 1
    text = good[:at] + odd + good[at + dropped :]
    algorithm, _, digits = text.partition(":")
    sizes = {"sha256": 64, "sha512": 128}
    if len(digits) == sizes.get(algorithm) and set(digits) <= set("0123456789abcdef"):
        assert digests.parse(text, "here") == text
        assert digests.hexadecimal(text) == digits
        return
    for spoiled in {text, good + "\n", good + "0", good[:-1], good.upper(), good[7:]}:
        with pytest.raises(InputError) as caught:
            digests.parse(spoiled, "here")
        assert caught.value.message.startswith("here: expected a digest such as ")
        assert caught.value.message.isprintable()


@given(
    GOOD_REGISTRIES | HOSTS,
    st.sampled_from(["/core", "/a/b", "/A", "", "/", "/a/"]),
    st.sampled_from(["", "", ":v1", ":1", ":", ":-a", ":a b", ":" + "a" * 129, ":a:b"]),
    st.just("") | DIGESTS.map("@{}".format) | st.sampled_from(["@", "@v1", "@sha256:", "@sha1:" + "0" * 40]),
)
@CLAIM
def test_a_reference_is_a_registry_a_repository_and_a_tag_or_digest(
    base: str, path: str, tag: str, digest: str
) -> None:
    host, _, repository = (base + path).partition("/")
    named = digest.startswith(("@sha256:0", "@sha512:0"))
    legal_tag = not tag or (tag_fault(tag[1:]) == "" and ":" not in tag[1:])
    if not (is_host(host) and is_repository(repository) and legal_tag and (not digest or named)):
        with pytest.raises(InputError) as caught:
            parse_reference(base + path + tag + digest, "here")
        assert caught.value.message.startswith("here: ")
        assert caught.value.message.isprintable()
        return
    reference = parse_reference(base + path + tag + digest, "here")
    assert reference[:2] == ("registry-1.docker.io" if host in HUB else host, repository)
    assert reference.name == (digest or tag or ":latest")[1:]
    assert parse_reference(str(reference), "here") == reference


@given(st.binary(max_size=9), st.binary(max_size=9), st.sampled_from(["sha256", "sha512"]))
@CLAIM
def test_a_digest_is_that_of_one_content_only(content: bytes, other: bytes, algorithm: str) -> None:
    digest = digests.of_bytes(content, algorithm)
    assert digests.parse(digest, "here") == digest
    assert digests.matches(other, digest) == (content == other)
    hasher = digests.hasher(digest)
    for part in (content[:3], content[3:]):
        hasher.update(part)
    assert hasher.hexdigest() == digests.hexadecimal(digest)
