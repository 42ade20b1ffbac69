"""Publishing: a release that has come through all environments gets its moving tags, and its page at GitHub."""
