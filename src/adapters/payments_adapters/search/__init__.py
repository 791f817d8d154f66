"""The search language: text in, what it says out. Knows no fields and no nouns."""
