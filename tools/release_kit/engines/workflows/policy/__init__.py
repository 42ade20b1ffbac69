"""What any workflow is held to: rules for actions, permissions, scripts and secrets, and the way of a release."""
