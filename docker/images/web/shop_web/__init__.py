"""web: the shop's page, and its way to core."""
