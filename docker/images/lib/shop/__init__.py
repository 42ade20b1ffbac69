"""What the services of the sample shop share: settings, JSON over HTTP, session tokens."""
