//go:build !contact_small

package contact

import (
	"encoding/json"
	"errors"
)

var (
	errNoEnvelope = errors.New("contact: not an envelope of errors")
	errEntries    = errors.New("contact: an envelope with entries that are not errors of the API")
)

// UnmarshalJSON reads an entry of an envelope as [Errors.UnmarshalJSON] does. null leaves e as it
// is, and so does an entry without a code, which is an error.
func (e *Error) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == null:
		return nil
	case e == nil:
		return ErrNil
	}
	v := readError(text)
	if v.Code == "" {
		return errNoEnvelope
	}
	*e = v
	return nil
}

// UnmarshalJSON reads an envelope, or problem details with a member errors (RFC 9457), for clients
// of the API. Names of members are exact. Codes and rules that this version does not know are kept.
// A member of an unexpected type counts as absent, and an unknown member is ignored. An entry that
// is not an object with a code is left out: es then has the others, and the error says so. If
// nothing can be read, es stays as it is, as for null.
//
// A proxy on the way may answer with something else, so look at the error. [Errors.Status] does not
// know the codes of a service's own: the status of the response says more.
func (es *Errors) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == null:
		return nil
	case es == nil:
		return ErrNil
	}
	envelope := read[map[string]json.RawMessage](text)
	entries := read[[]json.RawMessage](envelope["errors"])
	if entries == nil {
		return errNoEnvelope
	}
	all := make(Errors, 0, len(entries))
	for _, entry := range entries {
		if e := readError(entry); e.Code != "" {
			all = append(all, e)
		}
	}
	switch {
	case len(all) == len(entries):
		*es = all
		return nil
	case len(all) == 0:
		return errNoEnvelope
	}
	*es = all
	return errEntries
}

// readError returns the error of an entry, without a code if it is not an entry.
func readError(text json.RawMessage) Error {
	entry := read[map[string]json.RawMessage](text)
	meta := read[map[string]json.RawMessage](entry["meta"])
	e := Error{
		Code:   read[Code](entry["code"]),
		Rule:   read[Rule](meta["rule"]),
		Detail: read[string](entry["detail"]),
		Meta: ErrorMeta{
			Suggestion:       read[string](meta["suggestion"]),
			Offset:           read[int](meta["offset"]),
			Limit:            read[int](meta["limit"]),
			RequiredScope:    read[string](meta["required_scope"]),
			RequestID:        read[string](meta["request_id"]),
			PointerTruncated: read[bool](meta["pointer_truncated"]),
		},
	}
	title := read[string](entry["title"])
	source := read[map[string]json.RawMessage](entry["source"])
	if source == nil {
		e.custom = customError{title: title, hasTitle: true, noSource: true}
		return e
	}
	e.Pointer = read[string](source["pointer"])
	e.Parameter = read[string](source["parameter"])
	e.Header = read[string](source["header"])
	if e.Title() != title {
		e.setTitle(title)
	}
	return e
}

// read returns the value of a JSON text, or the zero value if it is of another type.
func read[T any](text json.RawMessage) T {
	var v T
	if json.Unmarshal(text, &v) != nil {
		var zero T
		return zero
	}
	return v
}
