// Package contact validates and merges contacts: the engine of one REST operation, updateContact,
// PATCH /v2/partner/contacts/{id}.
//
// Every function is pure: bytes and values in, values and structured errors out. There is no file,
// network, clock, environment or goroutine, and no state but empty room that is used again: many
// goroutines may call all of it at once, with contacts and patches that none of them changes. The
// same engine, built as WASM, checks forms in the browser.
//
// What a contact is stands in a JSON Schema, schema/contact.schema.json. It is compiled into Go
// ahead of time, and github.com/santhosh-tekuri/jsonschema/v6 on the same file has to agree in
// every test: see package schema.
//
// # Reading
//
// [Parse] reads a whole contact, [ParsePatch] the body of an update, which is a JSON merge patch
// (RFC 7396), and [ParseUpdate] everything of an update request that needs no database.
// [ParseStored] reads a contact from your own store. [Check], [CheckPatch] and [CheckField]
// give the verdict alone.
//
// All of them read a body once, strictly: JSON as RFC 8259 has it, in valid UTF-8, with no name
// twice in an object and no lone surrogate (RFC 7493). Ids are version 4 UUIDs (RFC 9562 §5.4),
// dates and timestamps the full-date and date-time of RFC 3339 §5.6, timezones names of the IANA
// time zone database.
//
// # Changing
//
// [Merge] applies a patch to a contact and says which fields changed. [AppendMerge] goes from
// stored document and body to merged document, for a service that keeps documents. [Diff] makes the
// patch that turns one contact into another, [PatchOf] one from Go values and a field mask
// (AIP-134), and [Merge3] brings two changes of the same contact together. [ETag] and [Condition]
// are for requests that are meant for one version (RFC 9110 §13).
//
// # Errors
//
// What is wrong with an input is an [Errors]: every fault at once, in a stable order, each with a
// code, a rule, an exact pointer and a sentence that says what to do. No part of an error derives
// from a submitted value, because contacts are personal data. What is wrong with a stored document
// is a [StoreError]. Any other error is a fault of the program: see [ErrNil] and those beside it.
//
// # Departures
//
// [Options] holds the ways in which a service may depart from the contract. The zero value is the
// contract, and the functions of the package use it. The contract itself departs from the documents
// that it names in these places:
//
//   - A leap second is accepted on any day at 23:59:60 UTC; RFC 3339 §5.7 has them at the end of
//     months that had one, of which no list is kept. It is read as the second after it.
//   - Of the fraction of a second nine digits are kept and the rest is cut.
//   - An instant whose year in UTC is not one of 0000 to 9999 is refused. No schema can say that.
//   - The timezone Factory is refused, though tzdb has it: it stands for one that nobody has set.
//   - A member name that comes twice is an error, as RFC 7493 §2.3 has it and RFC 8259 §4 has
//     not; so is a byte order mark, which RFC 8259 §8.1 lets a parser ignore.
//   - A merge patch that clears a required field is refused, as is one of an identity field
//     (AIP-203, IMMUTABLE); RFC 7396 knows neither.
//   - Objects that differ in the order of their members are equal, but 1 and 1.0 are not: numbers
//     keep the digits that they came with.
package contact
