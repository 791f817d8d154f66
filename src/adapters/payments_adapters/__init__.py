"""The world behind the ports of the core: storage, vault, networks, delivery. Never imports the web."""
