// One run: a network is trained by one method, and evaluated on what it was shown, on the garments that this was made
// from, and on new ones.
function trainingTools(random, augment, network, schedule) {
  "use strict";

  const BATCH = 32;
  const PIXELS = augment.SIDE ** 2;

  // task: arm, seed, strength of the changes; images and fresh in [0, 1] (Float32Array), labels and freshLabels.
  function start(task) {
    const { arm, seed, strength, images, labels } = task;
    const n = labels.length;
    const model = network.trainer(network.initialWeights(random.stream(seed, 0)));
    const pictures = new Float32Array(n * PIXELS); // of the epoch
    const shownLabels = new Float32Array(n);
    const buffer = new Float32Array(BATCH * PIXELS);
    let done = 0;

    function showEpoch(epoch) {
      const { sources, versions } = schedule.epochOf(arm, n, epoch, seed);
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

    // Trains to the end; report(update, accuracy on new garments) on the way. As in the course's tables, the accuracy on
    // new garments is the mean of five evaluations in the last tenth, since a single one wobbles.
    function train(updates, report) {
      const late = [0.92, 0.94, 0.96, 0.98, 1].map((share) => Math.round(share * updates));
      let mean = 0;
      report(0, freshScore().accuracy);
      while (done < updates) {
        update();
        const counted = late.includes(done);
        if (!counted && done % 50 !== 0 && done !== 25) continue;
        const { accuracy } = freshScore();
        report(done, accuracy);
        if (counted) mean += accuracy / late.length;
      }
      const last = scores();
      return { ...last, fresh: { ...last.fresh, accuracy: mean } };
    }

    // The probability of a coat, for each new garment
    const answers = () => model.logits(task.fresh, task.freshLabels.length).map(network.sigmoid);

    // How a change moves the answers on the first new garments: the probability of one, and how many turn over.
    function nudge(change, garment, count) {
      const moved = new Float32Array(count * PIXELS);
      for (let i = 0; i < count; i++) augment.apply(task.fresh, i, change, moved, i);
      const before = model.logits(task.fresh, count);
      const after = model.logits(moved, count);
      const turned = before.filter((logit, i) => logit > 0 !== after[i] > 0).length;
      return { before: network.sigmoid(before[garment]), after: network.sigmoid(after[garment]), turned, count };
    }

    return { model, update, train, scores, freshScore, answers, nudge };
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

  return { BATCH, start, picture, score };
}
