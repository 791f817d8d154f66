"""For tests of the library, of embedders and of plugin authors: fakes that keep the contracts, and the contracts."""
