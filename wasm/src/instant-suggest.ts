// The timezone that a text was most likely meant to be. This is Suggest of the Go package
// internal/tzdb, which says why it is so; here it may take its time.
import { encoder } from "./text.js";

/** The distance of names that no edit connects. */
const tooFar = 3;

/** Texts are compared as this has them: without the case, and any separator for any other. */
const loose = (name: string) => name.toLowerCase().replace(/[ .+-]/g, "_");

/** Returns "" where no name is near. The names are in the order of their bytes. */
export function suggest(text: string, names: readonly string[]): string {
  // Each byte in UTF-8 is a character from here on, as lengths are in bytes.
  const bytes = encoder.encode(text);
  if (bytes.length == 0 || bytes.length > 64) return "";
  const name = String.fromCharCode(...bytes);
  const listed = names.find((other) => other.toLowerCase() == name.toLowerCase());
  if (listed) return listed;
  if (/^(posix|right)\//.test(text)) return suggest(text.slice("posix/".length), names);
  // What may be an abbreviation or an offset has no near miss.
  if (name.length < 5 || /\d/.test(name)) return "";

  const wanted = loose(name);
  const to = (other: string) => distance(wanted, loose(other));
  // One that would stand beside the text in the list goes first.
  const place = names.filter((other) => other < name).length;
  const beside = names.slice(Math.max(place - 1, 0), place + 1).find((other) => to(other) <= 1);
  if (beside) return beside;

  const wholes = names.filter((other) => loose(other).endsWith("/" + wanted));
  const near = names.filter((other) => Math.abs(other.length - name.length) <= 2);
  const distances = near.map(to);
  const nearest = Math.min(...distances);
  if (wholes.length == 1 && nearest > 0) return wholes[0];
  return nearest < tooFar ? near[distances.indexOf(nearest)] : "";
}

/** Counts the characters of the one edit between a text, in bytes, and a name. */
function distance(text: string, name: string): number {
  let start = 0;
  while (start < text.length && text[start] == name[start]) start++;
  let end = 0;
  const most = Math.min(text.length, name.length) - start;
  while (end < most && text.at(-1 - end) == name.at(-1 - end)) end++;
  const from = text.slice(start, text.length - end);
  const to = name.slice(start, name.length - end);

  // A character is one byte that continues no other.
  const edited = Math.max(from.replace(/[\x80-\xbf]/g, "").length, to.length);
  if (edited == 0) return 0;
  const segment = Math.min(lastSegment(text), lastSegment(name));
  if (edited > 2 || /\d/.test(to) || segment < 4) return tooFar;
  if (from.length == 2 && to.length == 2 && from[0] == to[1] && from[1] == to[0]) return 1;
  return edited == 2 && segment < 8 ? tooFar : edited;
}

/** The length of what follows the last slash. */
const lastSegment = (name: string) => name.length - 1 - name.lastIndexOf("/");
