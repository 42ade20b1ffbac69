"""core: logs users in, and answers their queries with what datasvc knows."""
