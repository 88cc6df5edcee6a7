"""Connections to devices: over TCP, USB or an adb server, and two that need no device."""
