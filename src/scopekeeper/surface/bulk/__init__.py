"""Many records as a table, by declaration: columns and cells, those of whole lists and of what is moved in bulk.

Nothing acts here.
"""
