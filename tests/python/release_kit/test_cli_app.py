"""The program itself: its version, its help, and what it says to a command that it does not have."""

import pytest

import release_kit
from release_kit.cli import app


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        app.main(["--version"])
    assert (exit_.value.code, capsys.readouterr().out) == (0, f"release-kit {release_kit.version()}\n")


@pytest.mark.parametrize("command", [(), *((name,) for name in app.COMMANDS), ("chart", "gate"), ("chart", "package")])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_:
        app.main([*command, "--help"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith(" ".join(("usage: release-kit", *command)))


@pytest.mark.parametrize("command", [["bake"], ["chart", "bake"], ["chart"], []])
def test_a_command_that_is_not_there_is_bad_usage(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        app.main(command)
    assert exit_.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
