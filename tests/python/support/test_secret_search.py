"""The search for secrets finds them: plainly, in base64 at any place, in reports and logs."""

import base64
from pathlib import Path

import pytest

from tests.support import secret_search
from tests.support.secret_search import found, main, secret


@pytest.mark.parametrize("name", ["password", "token-1", "x" * 50])
@pytest.mark.parametrize("user", ["", "a", "me", "bob", "anna", "kevin"])
def test_a_secret_is_found_plainly_and_in_base64_at_any_place(user: str, name: str) -> None:
    pair = f"{user}:{secret(name)}"
    assert found(f"Authorization: {pair}")
    assert found(f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}")


def test_what_is_found_does_not_tell_it_again() -> None:
    assert found(f"user=me password={secret('x')}") == "...user=me password=<a secret>"


def test_ordinary_text_is_no_secret() -> None:
    assert not found("* done: 3 images in 127.0.0.1:5000, sha256:" + "0123456789abcdef" * 4)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test.log", f"PASSED {secret('x')}"),
        ("test.xml", f"<testsuite><testcase><system-out>{secret('x')}</system-out></testcase></testsuite>"),
        ("test.xml", f'<testsuite><testcase name="{secret("x")}"/></testsuite>'),
    ],
    ids=["a log", "an output", "a name"],
)
def test_reports_and_logs_are_searched(
    tmp_path: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "other.log").write_text("nothing")
    assert main([str(tmp_path)]) == 0
    (folder / name).write_text(text)
    assert main([str(tmp_path)]) == 1
    assert secret_search.MARK not in capsys.readouterr().out.replace(str(tmp_path), "")


def test_a_search_of_nothing_finds_no_innocence(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
