"""The guarded wing: modules linked, the guard at the door, REST and GraphQL behind it."""
