"""Searching: what a query says, and which nouns it is true of. No language and no storage here."""
