// The admin page: starts it in the document.
import { render } from "preact";
import { App } from "./app.tsx";
import "./styles/page.css";

const place = document.getElementById("page");
if (place !== null) {
  place.replaceChildren();
  render(<App />, place);
}
