// Which hosts are this very machine: the only ones to which plain http may be spoken (rule 12).

/** Whether a URL's hostname is loopback: `localhost`, `[::1]` or 127.0.0.0/8. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
