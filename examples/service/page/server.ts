// What the editor (wasm/demo) needs of a server: this service's API.
import type { SaveRequest } from "@partner-contacts/contact/form";

interface Access {
  contact: string;
  token: string;
}

const problems: Record<number, string> = {
  400: "This is no contact’s id: it has 36 characters.",
  401: "This token does not open the contact. Enter another one.",
  403: "This token does not open the contact. Enter another one.",
  404: "There is no contact with this id.",
};

/**
 * The contact of the address, #contact=…&token=…, or of this tab before it was loaded again. The token
 * leaves the address at once, and stays in this tab.
 */
export function remembered(): Access | undefined {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const contact = fragment.get("contact");
  const token = fragment.get("token") ?? sessionStorage.getItem("token");
  if (!contact || !token) return undefined;
  return { contact, token };
}

export async function connect({ contact, token }: Access) {
  const path = `/v2/partner/contacts/${encodeURIComponent(contact)}`;
  const send = (request: SaveRequest) =>
    fetch(path, { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } });
  const answer = await send({ method: "GET", headers: {} });
  history.replaceState(history.state, "", `#contact=${encodeURIComponent(contact)}`);
  if (!answer.ok) return { problem: problems[answer.status] ?? "The service does not answer. Try again in a moment." };
  sessionStorage.setItem("token", token);
  return { contact: await answer.text(), path, send };
}
