"""``python -m make_tables`` writes all of them."""

from make_tables import evidence, evidence_figure, figures, lessons, pages

lessons.write()
evidence.write()
pages.write()
figures.write()
evidence_figure.write()
