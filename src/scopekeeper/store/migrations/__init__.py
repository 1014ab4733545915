"""The steps from one schema to the next, in a line. Alembic carries them out; `store/schema.py` calls it."""
