"""Reading and writing OCI image layout directories."""
