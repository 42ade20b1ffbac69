"""The workflows of GitHub Actions that a pipeline has: what is generated, and what any workflow is held to."""
