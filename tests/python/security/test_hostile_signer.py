"""Threats of and to a signer: what it says, what it leaves behind, what it is told, what it could find out."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from release_kit.adapters.signer import MAX_OUTPUT, SHOWN_LINES, ProgramSigner, find
from release_kit.errors import InputError, ReleaseError
from release_kit.values.own_variables import REMOTE_CACHE, REMOTE_CACHE_AUTHORIZATION
from tests.support.secret_search import found, secret
from tests.support.signing import script

REFERENCE = f"registry.example/shop/core@sha256:{'a' * 64}"
STATEMENT = '{"_type": "https://in-toto.io/Statement/v1"}\n'
PASSWORD = secret("registry/password")
Sign = Callable[[str], str]
IN_A_GROUP = ", process_group=0"
"""As `timeout` starts its program."""


@pytest.fixture(name="refused")
def refused_fixture(tmp_path: Path) -> Sign:
    """Runs a program that fails, and returns what is said of it."""

    def run(body: str) -> str:
        program = script(tmp_path, "signer", body)
        environment = {**os.environ, "FOLDER": str(tmp_path), "COSIGN_PASSWORD": secret("key")}
        with pytest.raises(ReleaseError) as caught:
            ProgramSigner(program, [PASSWORD], environment).sign(REFERENCE, STATEMENT)
        return caught.value.message

    return run


def test_what_it_says_is_shown_as_text_that_a_terminal_takes(refused: Sign) -> None:
    said = refused("sys.stderr.write('\\x1b]0;owned\\x07\\x1b[2J\\r\\u202eevil\\x9b31m::error::x\\n'); sys.exit(1)")
    lines = said.splitlines()
    assert all(line.isprintable() for line in lines)
    assert "\\x1b]0;owned" in said
    assert "\\u202e" in said
    assert not any(line.startswith("::") for line in lines)


def test_secrets_are_taken_out_of_what_it_says(refused: Sign) -> None:
    said = refused(f"import os\nprint({PASSWORD!r}, os.environ['COSIGN_PASSWORD'], {PASSWORD!r}[:12])\nsys.exit(1)")
    assert "***" in said
    assert not found(said)


def test_a_flood_is_cut_to_its_last_lines(refused: Sign) -> None:
    said = refused(
        "for i in range(300_000): print(f'line {i} ' + 'x' * 9)\nprint('y' * 10_000_000)\nprint('end')\nsys.exit(7)"
    )
    assert "exit code 7" in said
    assert said.endswith("end")
    assert len(said) < MAX_OUTPUT
    assert len(said.splitlines()) <= SHOWN_LINES + 1


def test_bytes_that_are_no_text_are_shown(refused: Sign) -> None:
    assert "\ufffd" in refused("sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.exit(1)")


@pytest.mark.parametrize("more", ["", IN_A_GROUP], ids=["in its group", "in a group of its own"])
def test_what_it_leaves_running_ends_with_it_and_is_not_waited_for(refused: Sign, tmp_path: Path, more: str) -> None:
    """The end of what comes out of a pipe shows it: nobody is left who could write."""
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    refused(
        "import os, subprocess\nfrom pathlib import Path\n"
        "pipe = open(Path(os.environ['FOLDER'], 'pipe'), 'w')\n"
        f"subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], pass_fds=[pipe.fileno()]{more})\n"
        "pipe.write('began')\npipe.flush()\nsys.exit(1)"
    )
    os.set_blocking(reading, True)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "began"


@pytest.mark.parametrize(
    "body",
    ["", "sys.stdin.close()", "import os\nos.close(0); os.close(1); os.close(2)"],
    ids=["reads nothing", "closes its input", "closes everything"],
)
def test_it_need_not_read_what_it_is_told(body: str, tmp_path: Path) -> None:
    ProgramSigner(script(tmp_path, "signer", body), []).sign(REFERENCE, STATEMENT * 200_000)


def test_it_is_told_the_reference_and_the_statement_and_nothing_else(tmp_path: Path) -> None:
    body = "import pathlib\npathlib.Path(__file__ + '.told').write_text(repr(sys.argv[1:]) + sys.stdin.read())"
    program = script(tmp_path, "signer", body)
    ProgramSigner(program, [PASSWORD]).sign(REFERENCE, STATEMENT)
    assert Path(f"{program}.told").read_text() == repr([REFERENCE]) + STATEMENT


def test_it_gets_no_credential_and_no_import_path_of_ours(tmp_path: Path) -> None:
    body = "import os, pathlib\npathlib.Path(__file__ + '.told').write_text(repr(dict(os.environ)))"
    program = script(tmp_path, "signer", body)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "/ours", "PYTHONSAFEPATH": "1", "MINE": "kept"}
    environment |= {name: f"Bearer {secret('cache')}" for name in (REMOTE_CACHE, REMOTE_CACHE_AUTHORIZATION)}
    ProgramSigner(program, [PASSWORD], environment).sign(REFERENCE, STATEMENT)
    told = Path(f"{program}.told").read_text()
    assert "'MINE': 'kept'" in told
    assert "PYTHON" not in told
    assert "RELEASE_KIT" not in told
    assert not found(told)


def test_a_program_that_is_not_there_is_found_out_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    for named in ("no-such-signer", str(tmp_path / "text"), str(tmp_path), "a\x1b[2J"):
        with pytest.raises(InputError, match="is not there or is no program") as caught:
            find(named)
        assert caught.value.message.isprintable()


def test_a_program_that_vanishes_is_an_error_that_names_it(tmp_path: Path) -> None:
    program = script(tmp_path, "signer", "")
    signer = ProgramSigner(find(str(program)), [])
    program.unlink()
    with pytest.raises(ReleaseError, match="signer can't be run: No such file or directory"):
        signer.sign(REFERENCE, STATEMENT)


def test_a_program_of_another_kind_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "signer"
    program.write_bytes(b"\x7fELF no more")
    program.chmod(0o755)
    with pytest.raises(ReleaseError, match="can't be run: Exec format error"):
        ProgramSigner(program, []).sign(REFERENCE, STATEMENT)
