"""A measurement on a device that only a shell of its own reaches, as on a device farm."""
