"""Makes the tables and figures of pages and what lessons read, from the stored rows: ``make tables``."""
