// Sphinx's own scores, but for one page: who searches for a symptom shall find the page of symptoms first.
var Scorer = {
  score: ([docname, , , , score]) => score + (docname === "docs/find_your_symptom" ? 20 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
