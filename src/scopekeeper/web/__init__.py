"""The front door: one file for each endpoint of the protocol, and the door itself."""
