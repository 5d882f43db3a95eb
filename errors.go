package contact

import (
	"errors"
	"slices"
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// An Error is one fault of a submitted document or request. No part of it repeats a submitted
// value: Pointer names members, and Meta.Suggestion is a name from the library's own lists.
type Error struct {
	Code Code
	Rule Rule

	// Where the fault is: one of a JSON Pointer (RFC 6901) into the body, "" being the whole of it,
	// a path parameter, or a header. A pointer has at most 100 characters; see
	// Meta.PointerTruncated.
	Pointer, Parameter, Header string

	Detail string // an English sentence: how to correct the fault
	Meta   ErrorMeta

	custom customError
}

// A customError holds the parts of an error that the library does not define: its title if hasTitle
// is set, its status unless that is 0, and noSource if no part of the request is at fault. A
// pointer of "" would mean the whole body. It is a value, so that == compares all of an Error.
type customError struct {
	title              string
	status             int32
	hasTitle, noSource bool
}

// ErrorMeta holds the further members of an Error. Most are empty.
type ErrorMeta struct {
	Suggestion       string // the nearest field name or timezone
	Limit            int    // the limit that was exceeded; for size, depth and truncated
	RequiredScope    string // the scope that was missing
	Offset           int    // the byte where JSON ends; for syntax and depth
	PointerTruncated bool   // Pointer stops at the last whole token that fits
	RequestID        string // the service's own name for the request

	sortField Field // by which errors are sorted; 0 in every error that leaves the package
}

// NewError returns an error of the given rule with the code and the detail that the library has for
// it, at a JSON Pointer into the body. It is for services that find faults of their own, in their
// database for one; a rule that is none of the Rule constants has the code validation_failed, and
// no detail: set one.
//
//go:noinline
func NewError(rule Rule, pointer string) Error {
	r := rule.info()
	return Error{Code: r.code, Rule: rule, Pointer: pointer, Detail: r.detail}
}

// NewServiceError returns an error of a service's own, such as not_found or idempotency_conflict,
// to stand in the envelope as the library's do: its rule is the code. The status is what
// [Errors.Status] has for it. Title and detail go to the client. Until Pointer, Parameter or Header
// is set the error is of no part of the request, and has no source in the envelope.
func NewServiceError(status int, code Code, title, detail string) Error {
	custom := customError{title, int32(status), true, true}
	return Error{Code: code, Rule: Rule(code), Detail: detail, custom: custom}
}

func newTypeError(k Kind, pointer string) Error {
	e := NewError(RuleType, pointer)
	e.Detail = typeDetails[k]
	return e
}

// newScanError returns the error for a fault of the scanner.
func newScanError(fault scan.Fault, offset, maxDepth int) Error {
	e := NewError(RuleSyntax, "")
	if fault == scan.Depth {
		e = newLimitError(RuleDepth, "", maxDepth)
	}
	e.Detail = fault.String()
	e.Meta.Offset = offset
	return e
}

// newLimitError returns an error that names the limit that was exceeded.
func newLimitError(rule Rule, pointer string, limit int) Error {
	e := NewError(rule, pointer)
	e.Meta.Limit = limit
	return e
}

func newSizeError(limit int) Error {
	e := newLimitError(RuleSize, "", limit)
	e.Code = codeBodyTooLarge
	e.Detail = string(append(appendCount([]byte("Send a body of at most "), limit), " bytes."...))
	return e
}

// newDocumentError is the error for a merged contact over Options.MaxDocument.
func newDocumentError(limit int) Error {
	e := newLimitError(RuleSize, "", limit)
	e.Detail = messageDocument.text()
	return e
}

// setPointer sets the pointer to the fault.
func (e *Error) setPointer(at scan.Pointer) {
	e.Pointer = at.Text
	e.Meta.PointerTruncated = e.Meta.PointerTruncated || at.Truncated
}

// setTitle sets a title in place of the rule's.
func (e *Error) setTitle(title string) { e.custom.title, e.custom.hasTitle = title, true }

// field returns the field of the error's pointer. ok is false for the whole body, for a member that
// is not a field, and for an error without a pointer.
func (e Error) field() (f Field, ok bool) {
	name, _, _ := strings.Cut(strings.TrimPrefix(e.Pointer, "/"), "/")
	return FieldByName(name)
}

// Title returns a short heading for the error, the same for all errors of its rule. It is English
// unless the error was translated or comes from elsewhere.
func (e Error) Title() string {
	switch {
	case e.custom.hasTitle:
		return e.custom.title
	case e.Code == codeBodyTooLarge:
		return "Body too large"
	}
	return e.Rule.info().title
}

// Error returns the error as one line of text for a log. Of the pointer it has the part that is
// made of names of fields and of indexes; what else the client named is an ellipsis: no byte of the
// text was submitted.
func (e Error) Error() string { return string(e.appendText(nil)) }

func (e Error) appendText(dst []byte) []byte {
	switch {
	case e.Parameter != "":
		dst = append(append(append(dst, "path parameter "...), e.Parameter...), ": "...)
	case e.Header != "":
		dst = append(append(append(dst, "header "...), e.Header...), ": "...)
	case e.Pointer != "":
		dst = append(e.appendRedacted(dst), ": "...)
	}
	dst = append(dst, e.Detail...)
	if e.Rule == RuleSyntax || e.Rule == RuleDepth {
		dst = appendCount(append(dst, " (at byte "...), e.Meta.Offset)
		dst = append(dst, ')')
	}
	if e.Meta.Suggestion != "" {
		dst = append(append(append(dst, " (did you mean "...), e.Meta.Suggestion...), "?)"...)
	}
	return dst
}

// appendRedacted appends the part of the pointer that no client chose: a field, and the index of an
// element. For duplicates the index is left out: a member named 0 would pass for one.
func (e *Error) appendRedacted(dst []byte) []byte {
	name, rest, more := strings.Cut(e.Pointer[1:], "/")
	f, ok := FieldByName(name)
	if !ok {
		return append(dst, "/…"...)
	}
	dst = append(dst, f.pointer()...)
	if k := f.Kind(); more && (k == KindIDs || k == KindStrings) && e.Rule != RuleDuplicate {
		var index string
		index, _, more = strings.Cut(rest, "/")
		dst = append(append(dst, '/'), index...)
	}
	if more {
		dst = append(dst, "/…"...)
	}
	return dst
}

func (e *Error) status() int {
	for _, c := range codes {
		if c.code == e.Code && c.code != codeValidationFailed {
			return c.status
		}
	}
	if e.custom.status != 0 {
		return int(e.custom.status)
	}
	if e.Parameter != "" || e.Header != "" {
		return statusBadRequest
	}
	return statusUnprocessable
}

// Errors are all the faults found, in a stable order: by field as the constants list them,
// inside a field in document order, then the unknown members in document order. It is the type of
// every error that the library returns for what was submitted:
//
//	var errs contact.Errors
//	if errors.As(err, &errs) { … }
//
// Like every slice, an Errors cannot be compared by == or be the key of a map: where both sides of
// err == other are Errors, Go panics. Compare with errors.Is. An [Error] can be compared by ==.
type Errors []Error

// Error returns the first few errors as one line of text for a log, which holds no submitted byte;
// see Error.Error. The envelope that AppendJSON writes has the whole pointers.
func (es Errors) Error() string {
	const most = 5
	dst := []byte("contact: ")
	if len(es) != 1 {
		dst = append(appendCount(dst, len(es)), " errors: "...)
	}
	for i, e := range es {
		if i == most {
			dst = appendCount(append(dst, "; and "...), len(es)-most)
			dst = append(dst, " more"...)
			break
		}
		if i > 0 {
			dst = append(dst, "; "...)
		}
		dst = e.appendText(dst)
	}
	return string(dst)
}

// Is reports whether target is an Errors with the same entries in the same order. errors.Is also
// finds an [Error] that is one of the entries.
func (es Errors) Is(target error) bool {
	other, ok := target.(Errors)
	return ok && slices.Equal(es, other)
}

// Unwrap returns the errors one by one, so that errors.As finds an [Error].
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i := range es {
		errs[i] = es[i]
	}
	return errs
}

// Status returns the HTTP status of a response with these errors: the first of 401, 413, 415, 400,
// 422, 409 and 412 that one of them has, or else that of the first error, which is of a service's
// own; 422 if there are none.
func (es Errors) Status() int {
	if len(es) == 0 {
		return statusUnprocessable
	}
	for _, c := range codes {
		for i := range es {
			if es[i].status() == c.status {
				return c.status
			}
		}
	}
	return es[0].status()
}

// A StoreError lists the faults of a stored document that cannot be read: the service's own fault,
// never a client's. It does not unwrap to Errors, so that a handler that answers [Errors] with
// their Status cannot take it for one. Answer it with 500 and keep it to yourself.
type StoreError struct{ errs Errors }

// Error returns the first few faults as one line of text for a log. It holds no stored value.
func (e *StoreError) Error() string {
	return "contact: in the stored document: " + strings.TrimPrefix(e.Errors().Error(), "contact: ")
}

// Errors returns the faults, in the order and form of a client's: a list to clean up a store by.
func (e *StoreError) Errors() Errors {
	if e == nil {
		return nil
	}
	return e.errs
}

// storeError returns the StoreError of a parser's Errors, or nil.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	return &StoreError{err.(Errors)}
}

// The faults of the calling program, not of a client or a store. errors.Is finds them.
var (
	// ErrNil is a nil argument or receiver.
	ErrNil = errors.New("contact: a nil argument")
	// ErrText reports text that JSON cannot hold: a string that is not valid UTF-8, or an Object that
	// is not a JSON object as strict as Parse demands, or has a member named like a field in
	// UnknownMembers.
	ErrText = errors.New("contact: text that JSON cannot hold")
	// ErrTime is a Date that does not exist, the zero time where a program gives a time, or a time
	// whose year in UTC is not one of 0000 to 9999.
	ErrTime = errors.New("contact: a date or a time that does not exist, " +
		"or not in the years 0000 to 9999")
	// ErrField reports a Field that does not exist, or a value of another Go type than the field's.
	ErrField = errors.New("contact: no such field, or a value of another Go type")
)

// The finer faults, each of which is one of those above.
var (
	errUTF8     error = &programFault{"contact: a string that is not valid UTF-8", ErrText}
	errObject   error = &programFault{"contact: an object that is not valid JSON", ErrText}
	errNoField  error = &programFault{"contact: no such field", ErrField}
	errGoType   error = &programFault{"contact: a value of another Go type", ErrField}
	errZeroTime error = &programFault{"contact: the zero time, which is no time", ErrTime}
)

var errResolution = errors.New("contact: a resolution that does not divide a second")

type programFault struct {
	message string
	kind    error
}

func (e *programFault) Error() string { return e.message }

func (e *programFault) Unwrap() error { return e.kind }

// unrepresentable returns the error for a value of the kind that JSON cannot represent.
func (k Kind) unrepresentable() error {
	switch k {
	case KindDate, KindTimestamp:
		return ErrTime
	case KindObject:
		return errObject
	}
	return errUTF8
}

// A fieldError is a fault of the program in one field of a contact.
type fieldError struct {
	field Field
	fault error
}

func (e *fieldError) Error() string { return e.fault.Error() + ": " + e.field.String() }

func (e *fieldError) Unwrap() error { return e.fault }
