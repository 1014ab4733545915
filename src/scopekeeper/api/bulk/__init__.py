"""Many records at once, performed by the operations that everybody uses: taken out, and taken in, line by line."""
