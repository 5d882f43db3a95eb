import { load as loadEngine } from "../../dist/contact.js";

export const load = async () => (await loadEngine()).check;
