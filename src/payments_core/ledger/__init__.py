"""Double-entry books: the chart, the entries, and what each business event writes."""
