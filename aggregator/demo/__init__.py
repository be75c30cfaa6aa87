"""A small internet on loopback, for newcomers without a network and for the tests."""
