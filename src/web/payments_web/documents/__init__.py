"""Documents for payers: bills and receipts as PDF, and what they show. The pages show the same."""
