"""The status of environments: what runs, since when, and what the next step waits for; as tables and as a page."""
