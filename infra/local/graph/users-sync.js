// The button that has the pictures carried over to Drupal now, and the line that tells what came of it.
import { send } from "./users-send.js";

const button = document.getElementById("sync");
const told = document.getElementById("sync-told");

/** Shows the button, or hides it where there is nobody to ask. */
export function offerSync(isOffered) {
  button.hidden = !isOffered;
  told.hidden = !isOffered;
}

button.addEventListener("click", async () => {
  button.disabled = true;
  const { fault, answer } = await send("POST", "sync-pictures", {});
  button.disabled = false;
  told.classList.toggle("failed", fault !== undefined);
  told.textContent = fault?.message ?? answer.message;
});
