// Counts while a policy is being written. The page works without this: its button “Count again” gives the same figures.
const form = document.querySelector("form[data-meter]");
let pause;
let last = 0;

async function count() {
  const turn = (last += 1);
  try {
    const answer = await fetch(form.dataset.meter, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok || answer.redirected || turn !== last) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("meter");
    if (fresh && turn === last) document.getElementById("meter").replaceChildren(...fresh.childNodes);
  } catch {
    // Offline or signed out: the figures stay, and the button says what is wrong.
  }
}

form?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(count, 400);
});
