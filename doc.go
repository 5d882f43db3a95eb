// Package contact validates and merges contacts: the engine of one REST operation, updateContact,
// PATCH /v2/partner/contacts/{id}.
//
// Every function is pure: bytes and values in, values and structured errors out. There is no file, network, clock,
// environment, goroutine or global state, but for empty room that [AppendMerge] uses again. The same engine, built as
// WASM, checks forms in the browser.
//
// # Reading
//
// [Parse] reads a whole contact, [ParseStored] one from your own store, [ParsePatch] the body of an update, a JSON merge
// patch (RFC 7396), and [ParseUpdate] everything of an update request that needs no database. [Check], [CheckPatch] and
// [CheckField] give the verdict alone. All of them read a body once, strictly: RFC 8259 JSON in valid UTF-8, without
// repeated names or lone surrogates (RFC 7493); ids are version 4 UUIDs (RFC 9562), timestamps are RFC 3339, timezones
// are names of the IANA time zone database.
//
// # Changing
//
// [Merge] applies a patch to a contact and says which fields changed. [Diff] makes the patch that turns one contact into
// another, [PatchOf] one from Go values and a field mask, and [Merge3] brings two changes of the same contact together.
// [AppendMerge] goes from stored document and body to merged document at once, for a program that needs no contact.
// [ETag] and [Condition] are for requests that are meant for one version (RFC 9110 §13).
//
// # Errors
//
// What is wrong with an input is always an [Errors]: every fault at once, in a stable order, each with a code, a rule, an
// exact pointer and a sentence that says what to do. No part of an error derives from a submitted value, because contacts
// are personal data. Any other error is a fault of the program or of its store.
//
// # Departures
//
// [Options] holds the ways in which a service may depart from the contract; its zero value is the contract, and the
// functions of the package use it.
package contact
