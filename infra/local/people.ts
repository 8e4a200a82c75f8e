// The people that both simulators are seeded with: deterministic, fictional, with the names that break naive code.

/** One fictional person; `mail` ends in the reserved domain contoso.example (RFC 2606). */
export interface Person {
  readonly name: string;
  readonly givenName: string;
  readonly surname: string;
  readonly department: string;
  readonly jobTitle: string;
  readonly mail: string;
}

const GIVEN = (
  "Ada Björn Chloë Dmitri Émile Fatima Grace Hùng Íris Jürgen Katarzyna Łukasz María Noor " +
  "Ólafur Priya Quentin Rosa Søren Thandiwe Ursula Víctor Wei Ximena Yusuf Zoë"
).split(" ");
const SURNAMES = (
  "Ångström Brontë Castro-Ruiz D'Angelo Eriksen Fitzgerald García Horvát Ivanova Jansen Kowalski " +
  "Lovelace Müller Nguyễn O'Neill Petrović Quinn Rossi Šimek Tanaka Ünal Vega Weiß Xu Yılmaz Zhang"
).split(" ");
const DEPARTMENTS = ["R&D", "Finance", "Human Resources", "Sales", "Operations", "Legal"];
const JOB_TITLES = ["Engineer", "Analyst", "Manager", "Librarian", "Editor", "Counsel"];

const SPECIAL: Readonly<Record<string, string>> = { ß: "ss", ø: "o", ł: "l", ı: "i" };

const ascii = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[ßøłı]/g, (letter) => SPECIAL[letter] ?? letter)
    .replace(/[^a-z0-9.-]/g, "");

const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? "";

/** The first `count` people, the same on each call: names and mails are unique for any count. */
export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => {
    const givenName = pick(GIVEN, index);
    const surname = pick(SURNAMES, index + Math.floor(index / GIVEN.length) + 11);
    const turn = Math.floor(index / (GIVEN.length * SURNAMES.length));
    const name = `${ascii(givenName)}.${ascii(surname)}${turn === 0 ? "" : turn + 1}`;
    return {
      name,
      givenName,
      surname,
      department: pick(DEPARTMENTS, index * 5 + Math.floor(index / 7)),
      jobTitle: pick(JOB_TITLES, index * 7 + Math.floor(index / 11)),
      mail: `${name}@contoso.example`,
    };
  });
}
