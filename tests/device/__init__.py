"""A phone to test on: Google's adbd on this host, playing a Snapdragon 778G."""
