// The contact in zod's own terms, and the timezone names in a Set.
import * as z from "zod";
import { enum as names } from "../../../schema/timezone.schema.json";

const zones = new Set(names);
const text = z.string().optional();
const timestamp = z.iso.datetime({ offset: true });

const contact = z.strictObject({
  id: z.uuidv4(),
  type: z.literal("contact"),
  team_id: z.uuidv4(),
  unique_id: text,
  name_first: text,
  name_last: text,
  name_title: text,
  name_suffix: text,
  email: text,
  phone_home: text,
  phone_mobile: text,
  phone_work: text,
  address: text,
  address2: text,
  city: text,
  state: text,
  post_code: text,
  county: text,
  country: text,
  birthdate: z.iso.date().optional(),
  timezone: z.string().refine((name) => zones.has(name)).optional(),
  sms_verified: z.boolean(),
  sms_opted_in: z.boolean(),
  sms_authorized: z.boolean(),
  sms_unsubscribed: z.boolean(),
  email_verified: z.boolean(),
  email_opted_in: z.boolean(),
  email_authorized: z.boolean(),
  email_unsubscribed: z.boolean(),
  meta_public: z.record(z.string(), z.unknown()),
  inserted_at: timestamp,
  updated_at: timestamp,
  last_seen_at: timestamp.optional(),
  active_journey_ids: z.array(z.uuidv4()),
  completed_objective_keys: z.array(z.string()),
});

export const load = () => (text) => {
  const result = contact.safeParse(JSON.parse(text));
  return result.success ? [] : result.error.issues;
};
