"""What is released: the services of each team, whose chart has the team's name."""

TEAMS = {
    "accounts": ["address", "avatar", "consent", "invitation", "login", "password", "preference", "profile", "session", "signup"],
    "catalog": ["brand", "category", "image", "import", "price", "product", "rating", "review", "search", "stock"],
    "orders": ["archive", "basket", "cancellation", "checkout", "discount", "draft", "history", "quote", "receipt", "returns"],
    "payments": ["bank", "card", "chargeback", "credit", "dunning", "invoice", "ledger", "payout", "refund", "tax"],
    "shipping": ["carrier", "customs", "delivery", "depot", "label", "parcel", "pickup", "route", "tracking", "warehouse"],
}
