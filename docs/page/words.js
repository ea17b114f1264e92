// What the page says about results, from the numbers alone.
function wordsTools() {
  "use strict";

  const CLOSE = 0.02 - 1e-9; // below two points, another seed may turn the order round

  const capital = (text) => text.replace(/^./, (letter) => letter.toUpperCase());
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const points = (difference) => `${(100 * difference).toFixed(1)} points`;
  const list = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

  function name(arm) {
    if (arm === "none") return "no augmentation";
    if (arm === "live-1/2") return "live, half unchanged";
    const copies = Number(arm.replace(/\D/g, ""));
    const counted = `${copies} ${copies === 1 ? "copy" : "copies"}`;
    return arm === "live" ? "live" : arm.startsWith("originals") ? `originals + ${counted}` : counted;
  }

  // The guess, judged in a sentence. results: arm -> {shown, own, fresh}, each with accuracy.
  function judged(guess, results) {
    const order = Object.keys(results).sort((a, b) => results[a].fresh.accuracy - results[b].fresh.accuracy);
    const at = (arm) => results[arm].fresh.accuracy;
    const worst = order.filter((arm) => at(arm) === at(order[0]));
    const value = percent(at(order[0]));
    if (worst.length > 1) return `${capital(list(worst.map(name)))} tie as the worst on new garments, with ${value}.`;
    if (guess === worst[0]) return `You guessed it: ${name(guess)} is the worst on new garments, with ${value}.`;
    const yours = `You guessed ${name(guess)}, which has ${percent(at(guess))}`;
    if (at(guess) - at(worst[0]) < CLOSE) return `${yours}: about as bad as the worst, ${name(worst[0])} with ${value}.`;
    return `${yours}. The worst on new garments is ${name(worst[0])}, with ${value}.`;
  }

  // Who won, by how much, and how sure that is.
  function won(results) {
    const order = Object.keys(results).sort((a, b) => results[b].fresh.accuracy - results[a].fresh.accuracy);
    const at = (arm) => results[arm].fresh.accuracy;
    if (order.length < 2) return "";
    const ahead = order.slice(1).map((arm) => `${points(at(order[0]) - at(arm))} ahead of ${name(arm)}`);
    const close = order.slice(1).some((arm, i) => at(order[i]) - at(arm) < CLOSE);
    const note = close ? " Differences below 2 points may turn round with another seed." : "";
    return `${capital(name(order[0]))} is the best on new garments, ${list(ahead)}.${note}`;
  }

  // What a network took from its pictures
  function learned(arm, { shown, own, fresh }) {
    const frozen = /^copies-/.test(arm);
    if (frozen && shown.accuracy - own.accuracy >= CLOSE) {
      const its = arm === "copies-1" ? "its frozen copies" : "its stored copies";
      return (
        `${capital(name(arm))} gets ${percent(shown.accuracy)} of ${its} right, but only ${percent(own.accuracy)} of ` +
        "the garments that they were made from: it learnt the pictures."
      );
    }
    if (arm === "live") {
      return (
        `Live was shown no original, and no picture twice. It gets ${percent(own.accuracy)} of the originals right` +
        (own.accuracy >= shown.accuracy - CLOSE ? ": it learnt to ignore the change." : ".")
      );
    }
    if (arm === "none") {
      return (
        `No augmentation was shown the garments themselves. It gets ${percent(own.accuracy)} of them right, ` +
        `and ${percent(fresh.accuracy)} of new ones.`
      );
    }
    return "";
  }

  // Of the settings of the first screen, from the course's stored runs (tests/test_page.py)
  const TWENTY =
    "In the course's twenty runs of each it was 82.3 % without augmentation, 78.5 % with 1 copy and 84.1 % live, " +
    "and 1 copy was the worst in eighteen of them.";

  const TRAIN_ON =
    "In the course's twenty runs with 512 garments, no augmentation is ahead of live by 0.4 points after 1,000 " +
    "updates, and behind by 1.4 points after 3,000: there, train on.";

  // A nudge over many new garments: on how many the answer turns. counts: arm -> number
  function turned(counts, count) {
    const arms = Object.keys(counts);
    const said = list(arms.map((arm) => `${name(arm)} on ${counts[arm]}`));
    const least = Math.min(...Object.values(counts));
    const steady = arms.filter((arm) => counts[arm] === least);
    if (Math.max(...Object.values(counts)) === 0) return `Of ${count} new garments, no network changes an answer.`;
    const end = steady.length === 1 ? ` ${capital(name(steady[0]))} flinches least.` : "";
    return `Moved like this, of ${count} new garments the answer changes for ${said}.${end}`;
  }

  const opening = ({ n, updates }) =>
    `A network learns from ${n} garments what is a pullover and what is a coat. It goes through them ` +
    `${Math.round((32 * updates) / n)} times, in one of three ways. Here is one of its pullovers.`;

  // How a film's picture is counted in an epoch, from 1
  function seen(arm, epoch) {
    const times = epoch === 1 ? "once" : `${epoch} times`;
    if (arm === "none") return `the garment itself, seen ${times}`;
    if (arm === "copies-1") return `changed once, then frozen: seen ${times}`;
    return `changed anew: ${epoch} ${epoch === 1 ? "picture" : "pictures"}, each seen once`;
  }

  const ANSWERS = ["pullover", "coat"];
  const answer = (p) => `${ANSWERS[Number(p > 0.5)]}, ${Math.round(100 * Math.max(p, 1 - p))} %`;

  return { capital, percent, list, name, judged, won, learned, turned, opening, seen, answer, TWENTY, TRAIN_ON, changed: (a, b) => a > 0.5 !== b > 0.5 };
}
