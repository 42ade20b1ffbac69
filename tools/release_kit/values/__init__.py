"""Values: pure functions and small immutable types. They read no file and know no document."""
