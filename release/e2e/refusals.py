"""How the shop refuses."""

from release_kit.adapters.e2e.deployed import Response


def refusal(answer: Response) -> tuple[int, str]:
    """Returns status and error code; the code is empty where nothing was refused."""
    return answer.status, answer.json.get("error", {}).get("code", "")
