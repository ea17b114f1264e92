// One run: a network is trained by one method, and evaluated on what it was shown, on the garments that this was made
// from, and on new ones.
function trainingTools(random, augment, network, schedule) {
  "use strict";

  const BATCH = 32;
  const PIXELS = augment.SIDE ** 2;

  // task: method, seed, strength of the changes; images and fresh in [0, 1] (Float32Array), labels and freshLabels.
  function start(task) {
    const { method, seed, strength, images, labels } = task;
    const n = labels.length;
    const model = network.trainer(network.initialWeights(random.stream(seed, 0)));
    const pictures = new Float32Array(n * PIXELS); // of the epoch
    const shownLabels = new Float32Array(n);
    const buffer = new Float32Array(BATCH * PIXELS);
    let done = 0;

    function showEpoch(epoch) {
      const { sources, versions } = schedule.epochOf(method, n, epoch, seed);
      for (let place = 0; place < n; place++) {
        picture(images, sources[place], versions[place], seed, strength, pictures, place);
        shownLabels[place] = labels[sources[place]];
      }
    }

    function update() {
      const first = (done * BATCH) % n;
      if (first === 0) showEpoch((done * BATCH) / n);
      buffer.set(pictures.subarray(first * PIXELS, (first + BATCH) * PIXELS));
      done += 1;
      return model.update(buffer, shownLabels.subarray(first, first + BATCH));
    }

    // Three scores: what it was shown last, the garments those were made from, new garments.
    const scores = () => ({
      shown: score(model, pictures, shownLabels),
      own: score(model, images, labels),
      fresh: score(model, task.fresh, task.freshLabels),
    });

    const freshScore = () => score(model, task.fresh, task.freshLabels);

    // Trains to the end; report(update, accuracy on the originals) on the way. As in the course's tables, accuracy on new
    // garments is the mean of five evaluations in the last tenth, since a single one wobbles.
    function train(updates, report) {
      const late = [0.92, 0.94, 0.96, 0.98, 1].map((share) => Math.round(share * updates));
      const ownAccuracy = () => score(model, images, labels).accuracy;
      let mean = 0;
      report(0, ownAccuracy());
      while (done < updates) {
        update();
        if (late.includes(done)) mean += freshScore().accuracy / late.length;
        if (done % 50 === 0 || done === 25 || done === updates) report(done, ownAccuracy());
      }
      const last = scores();
      return { ...last, fresh: { ...last.fresh, accuracy: mean } };
    }

    // The probability of a coat, for each new garment once it was nudged
    function answers(nudge) {
      const moved = new Float32Array(task.fresh.length);
      const count = task.freshLabels.length;
      for (let i = 0; i < count; i++) augment.apply(task.fresh, i, augment.nudged(nudge), moved, i);
      return model.logits(moved, count).map(network.sigmoid);
    }

    return { model, update, train, scores, freshScore, answers };
  }

  // A version of an image; the original is copied as it is.
  function picture(images, source, version, seed, strength, target, place) {
    const own = schedule.drawOf(seed, source, version);
    const change = version === 0 ? augment.unchanged() : augment.draw(own, strength);
    augment.apply(images, source, change, target, place);
  }

  function score(model, images, labels) {
    const logits = model.logits(images, labels.length);
    let right = 0;
    let loss = 0;
    logits.forEach((logit, i) => {
      right += logit > 0 === (labels[i] === 1);
      loss += network.lossOf(logit, labels[i]) / logits.length;
    });
    return { accuracy: right / logits.length, loss };
  }

  return { start, picture, score };
}
