"""What makes a release of a repository: its registry, its images and charts, and the files that say so."""
