"""datasvc: the shop's products and orders."""
