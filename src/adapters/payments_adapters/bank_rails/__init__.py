"""Ways to banks: a simulated one for tests, NACHA files, and ISO 20022 files. No decisions about money are made here."""
