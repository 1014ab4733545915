"""The store on PostgreSQL, which any number of processes on any number of machines may share."""
