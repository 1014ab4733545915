"""The acts: load, decide, commit. Each service loads the few facts, calls one rule, and commits the decision."""
