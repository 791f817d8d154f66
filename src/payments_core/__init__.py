"""Payment-domain primitives: nouns, state machines, books and operations. No sockets, no SQL, no clock."""
