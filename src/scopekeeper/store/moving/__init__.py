"""Moving a database up: all that is in one, put into another that is empty, and compared with it row by row."""
