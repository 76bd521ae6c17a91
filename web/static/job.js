// A job's page that follows it: what changed is put in place every second, until it is over. Without it the page loads anew.

const WAIT_MS = 1000;

// Whoever has come to a button with the keyboard keeps it: then only how far it is changes.
function put(job, next) {
  const [old, made] = [job, next].map((each) => each.querySelector(".progress"));
  if (!job.contains(document.activeElement)) {
    if (next.innerHTML !== job.innerHTML) job.replaceChildren(...next.childNodes);
  } else if (old && made) {
    old.replaceWith(made);
  }
}

async function follow(job) {
  while (!job.hasAttribute("data-job-over")) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    let answer;
    try {
      answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    } catch {
      continue; // the line is cut; the job goes on, and so do we
    }
    if (answer.status === 429 || answer.status >= 500) continue; // so does a service that is busy, or starts again
    if (!answer.ok || answer.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("#job");
    if (!next) return location.reload();
    put(job, next);
    if (next.hasAttribute("data-job-over")) return location.reload();
  }
}

const job = document.querySelector("#job");
if (job) follow(job);
