"""Where a release goes: told by the git remote, by what pushes already, and by the names of targets."""

import pytest

from release_kit.engines.init.naming import component, names
from release_kit.engines.init.remote import Home, home
from release_kit.engines.init.targets import Push, Target
from release_kit.errors import InputError
from tests.support.secret_search import secret

GITHUB = Home("ghcr.io/acme", "shop")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/acme/shop.git", GITHUB),
        ("https://github.com/Acme/Shop", GITHUB),
        ("https://github.com/acme/shop/", GITHUB),
        ("https://github.com:443/acme/shop.git", GITHUB),
        ("git@github.com:acme/shop.git", GITHUB),
        ("github.com:acme/shop", GITHUB),
        ("ssh://git@github.com/acme/shop.git", GITHUB),
        ("ssh://git@ssh.github.com:443/acme/shop.git", GITHUB),
        ("git@gitlab.com:group/sub/shop.git", Home("registry.gitlab.com/group/sub/shop", "")),
        ("https://gitlab.com/group/shop.git", Home("registry.gitlab.com/group/shop", "")),
    ],
)
def test_the_registry_is_that_of_the_remotes_service(address: str, expected: Home) -> None:
    assert home(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/srv/git/shop.git",
        "../shop",
        "file:///srv/git/shop.git",
        "https://git.example.com/acme/shop.git",
        "https://github.com.evil.example/acme/shop",
        "https://evil.example/github.com/acme/shop",
        "https://github.com/acme",
        "https://github.com/acme/shop/more",
        "git@github.com:ac\x1b[31mme/shop.git",
        "git@github.com:acme/sh op.git",
        "git@github.com:acme/shop\n.git",
        "git@github.com:../shop",
    ],
)
def test_no_other_remote_names_a_registry(address: str) -> None:
    assert home(address) is None


def test_a_password_of_the_remote_is_no_part_of_the_registry() -> None:
    found = home(f"https://user:{secret('remote')}@github.com/acme/shop.git")
    assert found == GITHUB


def images(*labels: str) -> list[Target]:
    return [Target(label, ("//visibility:public",)) for label in labels]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["//docker:core", "//docker:web"], ["shop/core", "shop/web"]),
        (["//docker/core:image", "//docker/web:image"], ["shop/core", "shop/web"]),
        (["//docker:core_image", "//docker:web_oci_index"], ["shop/core", "shop/web"]),
        (["//:shop"], ["shop"]),
        (["//:image"], ["shop/image"]),
        (["//a/api:image", "//b/api:image"], ["shop/a/api/api", "shop/b/api/api"]),
        (["//api:image", "//api:index"], ["shop/api/image", "shop/api/index"]),
        (["//x:Core~2"], ["shop/core-2"]),
    ],
)
def test_an_image_gets_the_shortest_name_that_no_other_has(labels: list[str], expected: list[str]) -> None:
    assert [*names(images(*labels), [], GITHUB).images.values()] == expected


def test_names_that_differ_in_nothing_legal_are_refused() -> None:
    with pytest.raises(InputError, match="//x:a~b, //x:a=b: no repository"):
        names(images("//x:a~b", "//x:a=b"), [], GITHUB)


def push(image: str, address: str) -> Push:
    return Push(f"{image}_push", image, address, has_tags=False)


def test_repositories_of_targets_that_push_already_are_kept() -> None:
    pushes = [push("//x:core", "quay.io/team/shop/core"), push("//x:web", "quay.io/team/site/web")]
    found = names(images("//x:core", "//x:web", "//x:new"), pushes, GITHUB)
    assert found.registry == "quay.io/team"
    assert found.images == {"//x:core": "shop/core", "//x:new": "new", "//x:web": "site/web"}
    assert not found.elsewhere


def test_what_pushes_to_the_smaller_of_two_registries_is_told() -> None:
    pushes = [push("//x:a", "quay.io/t/a"), push("//x:b", "quay.io/t/b"), push("//x:c", "gcr.io/t/c")]
    found = names(images("//x:a", "//x:b", "//x:c"), pushes, GITHUB)
    assert (found.registry, found.images["//x:c"], found.elsewhere) == ("quay.io/t", "c", (pushes[2],))


@pytest.mark.parametrize(
    ("pushes", "charts", "other"),
    [
        ([push("//x:a", "quay.io/t/a"), push("//x:b", "quay.io/t/a")], [], "//x:a"),
        ([push("//x:a", "quay.io/t/a"), push("//x:b", "quay.io/t/charts/shop")], ["shop"], "the chart shop"),
    ],
)
def test_two_do_not_get_one_repository(pushes: list[Push], charts: list[str], other: str) -> None:
    with pytest.raises(InputError, match=rf"^//x:b: is pushed to quay.io/t/\S+, where {other} goes, too"):
        names(images("//x:a", "//x:b"), pushes, GITHUB, charts=charts)


def test_no_image_gets_the_repository_of_a_chart() -> None:
    found = names(images("//charts:a_image", "//x:a"), [], Home("ghcr.io/acme", ""), charts=["a"])
    assert found.images == {"//charts:a_image": "charts/a-image", "//x:a": "x/a"}
    with pytest.raises(InputError, match="//charts:a: no repository"):
        names(images("//charts:a", "//x:a"), [], Home("ghcr.io/acme", ""), charts=["a"])


def test_one_image_may_be_pushed_to_two_repositories() -> None:
    pushes = [push("//x:a", "quay.io/t/a"), Push("//x:p", "//x:a", "quay.io/t/b", has_tags=False)]
    assert names(images("//x:a"), pushes, GITHUB).images == {"//x:a": "a"}


@pytest.mark.parametrize(
    "address", ["", "team/shop", "$(REGISTRY)/shop", "https://quay.io/t/a", "quay.io/T/a", "quay.io"]
)
def test_an_address_that_is_no_repository_at_a_host_is_not_kept(address: str) -> None:
    only = push("//x:a", address)
    found = names(images("//x:a"), [only], GITHUB)
    assert (found.registry, found.images, found.elsewhere) == ("ghcr.io/acme", {"//x:a": "shop/a"}, (only,))


def test_a_registry_that_the_user_names_comes_before_all_others() -> None:
    found = names(images("//x:a"), [push("//x:a", "quay.io/t/shop/a")], GITHUB, "registry.example:5000/mine")
    assert (found.registry, found.images) == ("registry.example:5000/mine", {"//x:a": "a"})


def test_a_component_has_nothing_but_legal_letters() -> None:
    assert component("__Shop..CORE//ü\x1b ") == "shop-core"
