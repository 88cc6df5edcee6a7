"""The networks that the paper compares MobileInst with, from their own papers' definitions."""
