"""What is moved in bulk, by declaration: the operations that read and write it, its columns and cells. Nothing acts."""
