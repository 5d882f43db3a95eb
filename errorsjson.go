//go:build !contact_small

package contact

import (
	"encoding/json"
	"slices"
)

// NewServiceError returns an error of a service's own, such as not_found or idempotency_conflict,
// to stand in the envelope as the library's do: its rule is the code. The status is what
// [Errors.Status] has for it. Title and detail go to the client. Until Pointer, Parameter or Header
// is set the error is of no part of the request, and has no source in the envelope.
func NewServiceError(status int, code Code, title, detail string) Error {
	return Error{Code: code, Rule: Rule(code), Detail: detail, custom: &customError{title, status, true}}
}

// Unwrap returns the errors one by one, so that errors.As finds an [Error].
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i := range es {
		errs[i] = es[i]
	}
	return errs
}

// Translate returns the errors in another language. For each it calls texts, which looks the
// title and the detail up by [Error.MessageKey] and fills in what Meta has; an empty one stays as it is.
// The keys are those of the English texts: translate once.
func (es Errors) Translate(texts func(Error) (title, detail string)) Errors {
	translated := slices.Clone(es)
	for i, e := range es {
		title, detail := texts(e)
		if title != "" {
			translated[i].setTitle(title)
		}
		if detail != "" {
			translated[i].Detail = detail
		}
	}
	return translated
}

// entitle gives the error a title of its own.
func (e *Error) setTitle(title string) {
	var of customError
	if e.custom != nil {
		of = *e.custom
	}
	of.title = title
	e.custom = &of
}

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
