"""How git is told who it is at one address, and nowhere else: by variables of its environment.

They are settings of git (git-config, GIT_CONFIG_COUNT and `http.<url>.*`), which no list of processes shows and no file
keeps. git would take a header along to wherever the first answer leads; so no redirect is followed there.
"""

import base64
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from release_kit.values.reference import is_loopback

USER = "x-access-token"
"""Who a token of GitHub is (docs.github.com/apps, "Authenticating as a GitHub App installation")."""


class Login(NamedTuple):
    """A token for the repository at one address."""

    url: str
    """As git gets it."""
    token: str

    def added_to(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Returns an environment with what git has to know besides."""
        count = environment.get("GIT_CONFIG_COUNT", "")
        first = int(count) if count.isdecimal() else 0
        # An empty header takes those away that others have set for the same address: two logins are none.
        settings = [("extraHeader", ""), ("extraHeader", f"Authorization: Basic {self._basic}")]
        settings += [("followRedirects", "false")]
        if is_loopback(urlsplit(self.url).netloc):
            settings += [("proxy", "")]
        added = {"GIT_CONFIG_COUNT": str(first + len(settings))}
        for number, (name, value) in enumerate(settings, first):
            added |= {f"GIT_CONFIG_KEY_{number}": f"http.{self.url}.{name}", f"GIT_CONFIG_VALUE_{number}": value}
        return {**environment, **added}

    def hidden(self, text: bytes) -> bytes:
        """Returns what git has said without the token."""
        return text.replace(self._basic.encode(), b"***").replace(self.token.encode(), b"***")

    @property
    def _basic(self) -> str:
        return base64.b64encode(f"{USER}:{self.token}".encode()).decode()
