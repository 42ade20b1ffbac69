"""Signatures: git makes them where its user's settings say so, and always with --sign."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import cutting
from tests.support.cutting import Workshop

KEYGEN = shutil.which("ssh-keygen")
_SIGNER = """\
#!/bin/sh
# Signs as `ssh-keygen -Y sign -n git -f KEY FILE` does: the signature goes to FILE.sig.
[ "$1 $2 $3 $4" = "-Y sign -n git" ] || exit 1
for file in "$@"; do :; done
printf -- '-----BEGIN SSH SIGNATURE-----\\nU1NI\\n-----END SSH SIGNATURE-----\\n' > "$file.sig"
"""
SIGNATURE = "-----BEGIN SSH SIGNATURE-----"


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return cutting.workshop(tmp_path, monkeypatch)


def configure(shop: Workshop, *settings: str, signer: str = "") -> None:
    """Lets git sign by a key in a file; by ssh-keygen where there is one and no other signer is wanted."""
    key = shop.folder / "key"
    if KEYGEN:
        subprocess.run([KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        public = key.with_suffix(".pub").read_text()
    else:
        public = "ssh-ed25519 AAAA jo@example.com\n"
        key.with_suffix(".pub").write_text(public)
    (shop.folder / "signers").write_text(f"jo@example.com {public}")
    program = shop.folder / "signer"
    program.write_text(signer or _SIGNER)
    program.chmod(0o755)
    ssh = f'[gpg]\nformat = ssh\n[gpg "ssh"]\nallowedSignersFile = {shop.folder / "signers"}\n'
    ssh += "" if KEYGEN and not signer else f"program = {program}\n"
    user = f"[user]\nname = Jo Doe\nemail = jo@example.com\nsigningKey = {key}.pub\n"
    (shop.folder / "gitconfig").write_text(user + ssh + "".join(settings))


def signed(shop: Workshop) -> tuple[bool, bool]:
    """Tells whether the commit and the tag are signed; by ssh-keygen: whether the signatures are good."""
    names = {"commit": "v1.3.0^{commit}", "tag": "v1.3.0"}
    found = {kind: SIGNATURE in shop.git("cat-file", kind, name) for kind, name in names.items()}
    for kind, name in names.items() if KEYGEN else ():
        verified = subprocess.run(["git", f"verify-{kind}", name], capture_output=True)
        assert verified.returncode == (0 if found[kind] else 1)
    return found["commit"], found["tag"]


@pytest.mark.parametrize(
    ("settings", "arguments", "expected"),
    [
        ((), (), (False, False)),
        ((), ("--sign",), (True, True)),
        (("[commit]\ngpgSign = true\n",), (), (True, False)),
        (("[tag]\ngpgSign = true\n",), (), (False, True)),
        (("[tag]\nforceSignAnnotated = true\n",), (), (False, True)),
        (("[commit]\ngpgSign = true\n[tag]\ngpgSign = true\n",), (), (True, True)),
    ],
)
def test_what_the_settings_say_or_the_user_wants_is_signed(
    shop: Workshop, settings: tuple[str, ...], arguments: tuple[str, ...], expected: tuple[bool, bool]
) -> None:
    configure(shop, *settings)
    assert shop.cut("1.3.0", *arguments) == 0
    assert shop.is_released()
    assert signed(shop) == expected


@pytest.mark.parametrize("what", ["commit", "tag"])
def test_a_signer_that_fails_is_one_error_and_leaves_everything_as_it_was(
    shop: Workshop, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(shop, f"[{what}]\ngpgSign = true\n", signer="#!/bin/sh\necho 'no such token' >&2\nexit 1\n")
    before = shop.snapshot()
    assert shop.cut("1.3.0") == 1
    assert shop.snapshot() == before
    told = capsys.readouterr().err
    assert told.count("ERROR") == 1
    assert f"ERROR git {what}: error: no such token" in told
    assert "correct what git names, then run the same command again" in told


def test_a_key_that_is_not_there_is_one_error(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    configure(shop)
    for file in shop.folder.glob("key*"):
        file.unlink()
    before = shop.snapshot()
    (shop.folder / "signer").write_text('#!/bin/sh\necho "Couldn\'t load public key" >&2\nexit 1\n')
    assert shop.cut("1.3.0", "--sign") == 1
    assert shop.snapshot() == before
    assert "load public key" in capsys.readouterr().err
