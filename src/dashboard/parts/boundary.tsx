// Holds what a page throws: a fault of one page leaves the others, and the way to them, as they are.
import { Component, type ComponentChildren } from "preact";
import { Page } from "./page.tsx";

/** Shows its children, or, after one of them threw, that it did. */
export class Boundary extends Component<
  { readonly children: ComponentChildren },
  { readonly isBroken: boolean }
> {
  override state: { readonly isBroken: boolean } = { isBroken: false };

  static override getDerivedStateFromError() {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown) {
    // For whoever mends it: the browser's console has the place in the source.
    console.error(error);
  }

  override render() {
    if (!this.state.isBroken) return <>{this.props.children}</>;
    return (
      <Page title="This page failed" lead="The fault is the page's: nothing was changed by it.">
        <p>
          <button type="button" class="primary" onClick={() => location.reload()}>
            Load the page anew
          </button>
        </p>
      </Page>
    );
  }
}
