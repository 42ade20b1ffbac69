"""docs/concepts.md and its pictures say what the code does."""

import re
from pathlib import Path

import pytest

from release_kit.cli.app import COMMANDS
from release_kit.documents import environments, release_record, release_set
from release_kit.documents.environments import Environment, Environments
from release_kit.documents.promotion_gates import RULES
from release_kit.engines import push
from release_kit.engines.push.plan import Action
from release_kit.values.promotion_gate import Target
from release_kit.values.stamp import Stamp
from release_kit.values.tags import TagPolicy, digest_tag, release_tags
from tests.support.pages import ROOT, code, page, rows, snippets

PAGE = page("concepts.md")
PICTURES = re.findall(r"!\[([^\]]*)\]\((\S+\.svg)\)", PAGE)
DEFAULT = TagPolicy(("sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"), ("latest",), "sha-")


def steps() -> list[str]:
    """Returns the steps of a push as the engine names them."""
    assert push.__doc__
    listed = re.search(r"^(1 check, .*?)\s+\(docs/protocol.md\)", push.__doc__, re.M | re.S)
    assert listed
    return [re.sub(r"^\d+ ", "", step.strip()) for step in listed[1].split(",")]


def texts(picture: str, kind: str) -> list[str]:
    drawn = (ROOT / "docs" / picture).read_text()
    return re.findall(rf'<text class="{kind}"[^>]*>([^<]*)</text>', drawn)


def declared() -> Environments:
    """Returns the declaration that docs/documents.md shows, which the picture draws."""
    (document,) = (each.text for each in snippets("documents.md") if f'"schema": "{environments.SCHEMA}"' in each.text)
    return environments.parse(document.encode(), "docs/documents.md", Path())


def test_the_picture_of_a_push_has_the_steps_of_the_engine() -> None:
    drawn = [name for name in texts("push-protocol.svg", "name")[1:] if not name.isdecimal()]
    assert drawn == steps()


def test_the_description_of_the_picture_has_them_in_their_order() -> None:
    (described,) = (alt for alt, name in PICTURES if name == "push-protocol.svg")
    found = re.findall(r"\. (\d) ([a-z ]+)", described)
    assert [int(number) for number, _ in found] == [*range(1, len(steps()) + 1)]
    assert all(step.startswith(words.strip()) for (_, words), step in zip(found, steps(), strict=True))


def test_the_page_of_the_protocol_has_them_in_their_order() -> None:
    listed = re.findall(r"^\d+\. \*\*([^*]+?)[.:,]?\*\*", page("protocol.md"), re.M)
    assert [step.lower().partition(" by digest")[0] for step in listed] == [
        step.partition(" by digest")[0] for step in steps()
    ]


def test_the_picture_of_a_promotion_draws_the_documented_declaration() -> None:
    made = declared()
    branches = [made.dry_branch]
    for environment in made.environments:
        branches += [environment.proposed_branch, environment.branch]
    assert texts("promotion.svg", "tag") == branches
    assert texts("promotion.svg", "gate") == [key for each in made.environments for key in drawn_gates(made, each)]


def drawn_gates(made: Environments, environment: Environment) -> list[str]:
    """Returns the keys of an environment's gates as they are drawn: its own first, then those that hold back others."""
    targets = (Target.PROPOSED, Target.ACTIVE)
    return [gate.key for target in targets for gate in made.gates_of(environment, target)]


def test_the_description_of_a_promotion_names_every_branch_and_gate() -> None:
    (described,) = (alt for alt, name in PICTURES if name == "promotion.svg")
    for drawn in texts("promotion.svg", "tag") + texts("promotion.svg", "gate"):
        assert drawn in described


@pytest.mark.parametrize(("description", "name"), PICTURES)
def test_a_picture_is_for_light_and_dark_pages_and_has_a_title(description: str, name: str) -> None:
    drawn = (ROOT / "docs" / name).read_text()
    assert "@media (prefers-color-scheme: dark)" in drawn
    assert "<title>" in drawn
    assert len(description) > 100


def test_every_kind_of_gate_is_there_with_what_it_is_about() -> None:
    told = {code(kind): about.split(" or ") for kind, _, about in rows(PAGE, "| kind | asks |")}
    assert told == {str(kind): [str(target) for target in rule.targets] for kind, rule in RULES.items()}


def test_a_plan_has_the_actions_that_the_page_names() -> None:
    (meaning,) = (cells[1] for cells in rows(PAGE, "| word | meaning |") if cells[0] == "plan")
    assert re.findall(r"`(\w+)`", meaning) == [str(action) for action in Action]


STAMPS = (
    {"STABLE_VERSION": "1.2.3"},
    {"STABLE_VERSION": "1.3.0-rc.1"},
    {"STABLE_VERSION": "dev"},
    {"STABLE_DIRTY": "true"},
)
COMMITS = list(zip(rows(PAGE, "| the commit | gets |"), STAMPS, strict=True))


@pytest.mark.parametrize(("row", "stamp"), COMMITS, ids=["release", "pre-release", "other", "dirty"])
def test_a_commit_gets_the_tags_of_its_row(row: list[str], stamp: dict[str, str]) -> None:
    whole = {"STABLE_COMMIT_SHA": "c" * 40, "STABLE_VERSION": "1.2.3", "STABLE_DIRTY": "false", **stamp}
    made = release_tags(DEFAULT, Stamp(whole))
    digest = "sha256:" + "d" * 64
    shown = {f"sha-{'c' * 40}": "sha-<commit>", "sha-" + "d" * 12: "sha-<digest>"}
    tags = {shown.get(tag, tag) for tag in (*made.immutable, *digest_tag(DEFAULT, digest))}
    assert {*re.findall(r"`([^`]+)`", row[1])} == tags
    assert (row[3] == "moves") == ("latest" in made.moving)
    withheld = whole["STABLE_VERSION"] == "dev" or whole["STABLE_DIRTY"] == "true"
    assert row[2].strip("`") == ("none" if withheld else whole["STABLE_VERSION"])


def test_documents_are_those_that_there_are() -> None:
    schemas = [release_set.SCHEMA, release_record.SCHEMA, environments.SCHEMA]
    told = rows(PAGE, "| document | written by |")
    assert [code(name) for name, *_ in told] == schemas
    named = {word for _, _, reader in told for word in re.findall(r"`(\w+)`", reader)}
    assert named <= {*COMMANDS}


def test_words_are_listed_once() -> None:
    words = [word for word, *_ in rows(PAGE, "| word | meaning |")]
    assert len(words) == len({*words}) == 10
    assert "Ten words" in PAGE
