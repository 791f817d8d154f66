"""The split deployment: a gateway that speaks REST to clients, and backends that it speaks GraphQL to, over HTTP/2."""
