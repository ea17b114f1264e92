"""For every finding a pipeline that is wrong, and its twin that is right: examples, and tests."""
