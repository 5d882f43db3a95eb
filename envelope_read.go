//go:build !contact_small

package contact

import (
	"encoding/json"
	"errors"
	"slices"
)

var errNoEnvelope = errors.New("contact: not an envelope of errors")

// An entry is an Error as it stands in the envelope.
type entry struct {
	Code   Code   `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Source *struct {
		Pointer   string `json:"pointer"`
		Parameter string `json:"parameter"`
		Header    string `json:"header"`
	} `json:"source"`
	Meta struct {
		Rule             Rule   `json:"rule"`
		Suggestion       string `json:"suggestion"`
		Offset           int    `json:"offset"`
		Limit            int    `json:"limit"`
		RequiredScope    string `json:"required_scope"`
		RequestID        string `json:"request_id"`
		PointerTruncated bool   `json:"pointer_truncated"`
	} `json:"meta"`
}

// UnmarshalJSON reads one entry of an envelope, for clients of the API. Codes and rules that this
// version does not know are kept, members that it does not know are not. null leaves e as it is,
// and so does an error: that of encoding/json, or one for what has no code.
func (e *Error) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var in entry
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	if in.Code == "" {
		return errNoEnvelope
	}
	*e = Error{
		Code: in.Code, Rule: in.Meta.Rule, Detail: in.Detail,
		Meta: ErrorMeta{
			Suggestion: in.Meta.Suggestion, Offset: in.Meta.Offset, Limit: in.Meta.Limit,
			RequiredScope: in.Meta.RequiredScope, RequestID: in.Meta.RequestID,
			PointerTruncated: in.Meta.PointerTruncated,
		},
	}
	if in.Source == nil {
		e.custom = &customError{title: in.Title, noSource: true}
		return nil
	}
	e.Pointer, e.Parameter, e.Header = in.Source.Pointer, in.Source.Parameter, in.Source.Header
	if e.Title() != in.Title {
		e.setTitle(in.Title)
	}
	return nil
}

// UnmarshalJSON reads an envelope, or problem details with its member errors, as
// [Error.UnmarshalJSON] reads an entry. The response's own status says more than Status then, which
// does not know the codes of a service's own; and what a proxy on the way answered with is no
// envelope, so look at the error. null leaves es as it is.
func (es *Errors) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var envelope struct{ Errors *[]Error }
	if err := json.Unmarshal(text, &envelope); err != nil {
		return err
	}
	if envelope.Errors == nil || slices.ContainsFunc(*envelope.Errors, unread) {
		return errNoEnvelope
	}
	*es = *envelope.Errors
	return nil
}

// unread reports whether an entry was null.
func unread(e Error) bool { return e.Code == "" }
