"""The whole pipeline on loopback: its servers, which tests use too, and what runs on them."""
