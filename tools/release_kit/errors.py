"""The errors that a user sees. Each says what is wrong and where; `remedy` says what to do about it."""


class ReleaseError(Exception):
    """The release was refused or failed; exit code 1."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        """Joins what is wrong with its remedy; neither may contain a secret."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InputError(ReleaseError):
    """A document, layout, template or argument is not what it should be; exit code 2, nothing was written."""

    exit_code = 2


class RegistryError(ReleaseError):
    """The registry refused a request or could not be reached; exit code 1."""


class ContentNeededError(RegistryError):
    """The registry has not got a blob in the way that costs no byte, and its content is not here."""


class GitError(ReleaseError):
    """git failed, or the repository's server refused or could not be reached; exit code 1."""
