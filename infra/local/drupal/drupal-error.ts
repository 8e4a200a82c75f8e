// Refusals in the form that Drupal gives them, and the simulator's own "not modelled".

/** One member of a JSON:API `errors` array, before links are added. */
export interface ErrorItem {
  readonly detail: string;
  readonly pointer?: string;
}

/** What an exception becomes on the wire. */
export interface ErrorForm {
  readonly status: number;
  readonly items: readonly ErrorItem[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Validation errors carry no links (contract/drupal 015), exceptions do (contract/drupal 022). */
  readonly links?: boolean;
  /** Routes outside JSON:API answer with Drupal's themed page (contract/drupal 277, 317). */
  readonly html?: boolean;
  /** Core's plain JSON error format (contract/drupal 320). */
  readonly plainJson?: boolean;
}

/** Thrown to end a request; the server turns it into the answer. */
export class DrupalError extends Error {
  readonly form: ErrorForm;

  constructor(form: ErrorForm) {
    super(form.items[0]?.detail ?? `status ${form.status}`);
    this.name = "DrupalError";
    this.form = form;
  }
}

/** A refusal with one detail; `pointer` names the offending member. */
export function refusal(status: number, detail: string, pointer?: string): DrupalError {
  return new DrupalError({
    status,
    items: [pointer === undefined ? { detail } : { detail, pointer }],
  });
}

/** Validation failed: one error per violation, all at once (contract/drupal 015). */
export function violations(items: readonly ErrorItem[]): DrupalError {
  return new DrupalError({ status: 422, items, links: false });
}

/** The header that tells the simulator's refusals from Drupal's own 501 (contract/drupal 274). */
export const REFUSED_HEADER = "X-Simulator-Refused";

/** What nobody has measured is refused: a simulator kinder than Drupal would hide a defect. */
export function notModelled(what: string): DrupalError {
  return new DrupalError({
    status: 501,
    items: [{ detail: `The Drupal simulator does not model ${what}.` }],
    headers: { [REFUSED_HEADER]: what.replace(/[^\x20-\x7e]/g, "?") },
  });
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

/** The title of a status; Symfony 6.4 says "Unprocessable Content" for 422. */
export const reasonOf = (status: number): string => REASONS[status] ?? "Unknown";

const SECTIONS: Readonly<Record<number, string>> = {
  400: "10.4.1",
  401: "10.4.2",
  403: "10.4.4",
  404: "10.4.5",
  405: "10.4.6",
  409: "10.4.10",
  415: "10.4.16",
  500: "10.5.1",
  501: "10.5.2",
  503: "10.5.4",
};

/** The RFC 2616 section that Drupal links to; there is none for 422 (contract/drupal 022). */
export function infoLink(status: number): string | undefined {
  const section = SECTIONS[status];
  return section === undefined
    ? undefined
    : `https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec${section}`;
}
