"""``python -m make_tables`` writes all of them."""

from make_tables import figures, lessons, pages

lessons.write()
pages.write()
figures.write()
