// Names that try to become script, markup, or something else than text (OWASP, XSS Filter Evasion; security 2.3).

/** Fifteen of them, each short enough for a name field. */
export const HOSTILE_NAMES = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><svg onload=alert(1)>',
  "'-alert(1)-'",
  "javascript:alert(1)",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  "{{constructor.constructor('alert(1)')()}}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to stay a text
  "${alert(1)}",
  "<a href=javascript:alert(1)>x</a>",
  "<style>@import 'javascript:alert(1)'</style>",
  "</title><script>alert(1)</script>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "<math><mtext></mtext><script>alert(1)</script></math>",
  "<details open ontoggle=alert(1)>",
  "\u202e<b onmouseover=alert(1)>gnimaN\u202c",
] as const;
