// Training apart from the page, so that it never blocks: one worker a network, made from the text of the functions
// above, since a page that is opened as a file may not load a worker from another file.
function startWorker(task, listen) {
  "use strict";

  const parts = [randomTools, augmentTools, networkTools, scheduleTools, trainingTools, workerMain];
  const blob = new Blob([parts.join("\n"), "\nworkerMain();"], { type: "text/javascript" });
  const address = URL.createObjectURL(blob);
  const worker = new Worker(address);
  worker.onmessage = ({ data }) => listen(data);
  worker.onerror = (event) => {
    event.preventDefault();
    worker.terminate();
    listen({ failed: event.message || "it could not be started" });
  };
  worker.postMessage({ task });
  return {
    send: (message) => worker.postMessage(message),
    stop: () => worker.terminate(),
  };
}

// What runs in the worker. It takes {task} and {nudge}, and answers with {update, accuracy} on the way, {scores, answers,
// mirrored} at the end (answers to new garments as they are and mirrored), and {nudged}: answers.
function workerMain() {
  "use strict";

  const random = randomTools();
  const augment = augmentTools();
  const network = networkTools();
  const training = trainingTools(random, augment, network, scheduleTools(random));
  let run = null;

  self.onmessage = ({ data }) => {
    if (data.task) {
      run = training.start(data.task);
      const scores = run.train(data.task.updates, (update, accuracy) => postMessage({ update, accuracy }));
      postMessage({ scores, answers: run.answers({}), mirrored: run.answers({ mirror: true }) });
    }
    if (data.nudge) postMessage({ nudged: run.answers(data.nudge) });
  };
}
