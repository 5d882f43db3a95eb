// Package contact validates and merges contacts. It is the engine of one REST operation,
// updateContact: PATCH /v2/partner/contacts/{id}.
//
// Every function is pure: bytes and values in, values and structured errors out. The package uses
// no file, network, clock, environment or goroutine. It keeps no state except a pool of cleared
// buffers. All functions are safe for concurrent use, as long as nobody changes a contact or a
// patch that is passed to them. The same engine, built as WASM, checks forms in the browser.
//
// A contact is defined by a JSON Schema, schema/contact.schema.json. The schema is compiled into Go
// ahead of time. The tests compare every verdict with that of
// github.com/santhosh-tekuri/jsonschema/v6 on the same file: see package schema.
//
// # Reading
//
// [Parse] reads a whole contact. [ParsePatch] reads the body of an update, a JSON merge patch (RFC
// 7396). [ParseUpdate] reads all parts of an update request that can be checked without a database.
// [ParseStored] reads a contact from your own store. [Check], [CheckPatch] and [Options.CheckField]
// only validate.
//
// All of them read a body once, and strictly. The body is JSON by RFC 8259 in valid UTF-8, with no
// name twice in an object and no lone surrogate (RFC 7493). Ids are version 4 UUIDs (RFC 9562
// §5.4). Dates and timestamps are the full-date and date-time of RFC 3339 §5.6. Timezones are names
// of the IANA time zone database.
//
// # Changing
//
// [Merge] applies a patch to a contact and reports the fields that changed. [AppendMerge] merges a
// body into a stored document, for a service that keeps documents. [Diff] makes the patch that
// turns one contact into another. [PatchOf] makes a patch from Go values and a field mask
// (AIP-134). [Merge3] combines two changes of the same contact, and [Patch.Rebase] a patch with the
// contact that is stored now. [ETag] and [Condition] implement conditional requests (RFC 9110 §13).
//
// # Errors
//
// The error for an invalid input is an [Errors]: every fault at once, in a stable order. Each has a
// code, a rule, an exact pointer and a sentence that tells the client how to correct it. No part of
// an error repeats a submitted value, because contacts are personal data. The error for an
// unreadable stored document is a [StoreError]. Any other error is a fault of the calling program:
// see [ErrNil] and the variables next to it.
//
// # Zero values and nil
//
// A nil pointer has no fields. If a method with a pointer receiver is called on one, it returns
// [ErrNil], or, if it returns no error, it does as for nothing: AppendJSON appends null, Clone
// returns nil. A method with a value receiver, such as MarshalJSON or LogValue, cannot be called
// through a nil pointer. UnmarshalJSON of null does nothing, also on a nil pointer. encoding/json
// and fmt write null and <nil> for one, and log/slog says that the method panicked.
//
// The zero time.Time is no time where a program gives one: [PatchBuilder.Set], [PatchOf],
// [Patch.At] and the scanners of columns return [ErrTime], and [Contact.Validate] misses the field.
// In a document its instant, 0001-01-01T00:00:00Z, is like any other: it is read, merged and
// written.
//
// # Departures
//
// [Options] lists the ways in which a service may depart from the contract. The zero value is the
// contract, and the package's functions use it. The contract itself departs from the documents that
// it names in these places:
//
//   - A leap second is accepted on any day at 23:59:60 UTC and read as the second after it. RFC
//     3339 §5.7 allows one only at the end of certain months, of which the package keeps no list.
//   - A fraction of a second is truncated to nine digits.
//   - An instant whose year in UTC is not in 0000 to 9999 is refused. A schema cannot express
//     that.
//   - The timezone Factory is refused, though tzdb lists it: it means that none was set.
//   - A repeated member name is an error, as in RFC 7493 §2.3; RFC 8259 §4 allows it. A byte order
//     mark is an error too; RFC 8259 §8.1 lets a parser ignore it.
//   - A merge patch that clears a required field or changes an identity field (AIP-203, IMMUTABLE)
//     is refused. RFC 7396 has no such rule.
//   - Objects that differ only in the order of their members are equal, but 1 and 1.0 are not:
//     numbers keep the digits that were sent.
package contact
