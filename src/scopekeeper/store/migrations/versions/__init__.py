"""One file for each step, in a line: the number of the step and what it is about."""
