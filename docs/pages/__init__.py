"""What the pages of docs/reference are made of: the settings, the command line, the scopes."""
