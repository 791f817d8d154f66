"""The GraphQL door: JSON in, JSON out, made from the declared operations and the API objects like the REST door."""
