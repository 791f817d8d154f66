"""The doors to the core: REST, GraphQL, pages and the command line. Never imports the adapters."""
