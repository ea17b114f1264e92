"""The programs of registered questions that are under way. Those of closed questions are archives beside the rows."""
