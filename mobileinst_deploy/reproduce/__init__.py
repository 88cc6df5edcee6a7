"""The paper's latency columns, measured again: every row in one interleaved run."""
