package contact

import (
	"errors"
	"slices"
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// An Error is one fault in what was submitted. No part of it derives from a submitted value:
// Pointer names members, and Meta.Suggestion is a name from the library's own lists.
type Error struct {
	Code Code
	Rule Rule

	// Where the fault is: one of a JSON Pointer (RFC 6901) into the body, "" being the whole of it,
	// a path parameter, or a header. A pointer has at most 100 characters; see
	// Meta.PointerTruncated.
	Pointer, Parameter, Header string

	Detail string // a sentence in English that says what to do
	Meta   ErrorMeta

	custom *customError // nil in what the library itself returns
}

// own is what an error says that is not the library's: its title, its status if that is not 0, and
// that no part of the request is at fault, which a pointer of "" would not say: that is the body.
type customError struct {
	title   string
	status  int
	noSource bool
}

// ErrorMeta is what else there is to know of an Error; most of it is empty.
type ErrorMeta struct {
	Suggestion       string // the nearest field name or timezone
	Limit            int    // what was exceeded; for size, depth and truncated
	RequiredScope    string // the scope that was missing
	Offset           int    // the byte where JSON ends; for syntax and depth
	PointerTruncated bool   // Pointer stops at the last whole token that fits
	RequestID        string // the service's own name for the request

	sortField Field // by which errors are sorted; 0 in every error that leaves the package
}

// NewError returns an error of the given rule with the code and the detail that the library has for
// it, at a JSON Pointer into the body. It is for services that find faults of their own, in their
// database for one; a rule that is not in the list above has the code validation_failed, and no
// detail: set one.
//
//go:noinline
func NewError(rule Rule, pointer string) Error {
	r := rule.info()
	return Error{Code: r.code, Rule: rule, Pointer: pointer, Detail: r.detail}
}

func newTypeError(k Kind, pointer string) Error {
	e := NewError(RuleType, pointer)
	e.Detail = typeDetails[k]
	return e
}

// newScanError turns what a scanner met into an error.
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
	e.Code = CodeBodyTooLarge
	e.Detail = string(append(appendInt([]byte("Send a body of at most "), limit), " bytes."...))
	return e
}

// newDocumentError is the error for a merged contact over Options.MaxDocument.
func newDocumentError(limit int) Error {
	e := newLimitError(RuleSize, "", limit)
	e.Detail = detailDocument
	return e
}

// point sets where the fault is.
func (e *Error) setPointer(at scan.Pointer) {
	e.Pointer = at.Text
	e.Meta.PointerTruncated = e.Meta.PointerTruncated || at.Truncated
}

// Title returns a short heading for the error, the same for all errors of its rule. It is English
// unless the error was translated or comes from elsewhere.
func (e Error) Title() string {
	switch {
	case e.custom != nil:
		return e.custom.title
	case e.Code == CodeBodyTooLarge:
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
		dst = appendInt(append(dst, " (at byte "...), e.Meta.Offset)
		dst = append(dst, ')')
	}
	if e.Meta.Suggestion != "" {
		dst = append(append(append(dst, " (did you mean "...), e.Meta.Suggestion...), "?)"...)
	}
	return dst
}

// appendKnown appends the part of the pointer that no client chose: a field and the index of an
// element that is at fault. A repeated member is not told that way, as it may stand in an object
// where an array should be, and its name may look like an index.
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
	switch e.Code {
	case CodeScopeMissing:
		return 401
	case CodeBodyTooLarge:
		return 413
	case CodeUnsupportedMediaType:
		return 415
	case CodeMalformedJSON:
		return 400
	case CodeStaleUpdate:
		return 409
	case CodePreconditionFailed:
		return 412
	}
	if e.custom != nil && e.custom.status != 0 {
		return e.custom.status
	}
	if e.Parameter != "" || e.Header != "" {
		return 400
	}
	return 422
}

// Errors are all the faults found, in a stable order: by field as the reference page lists them,
// inside a field in document order, then the unknown members in document order. It is the type of
// every error that the library returns for what was submitted:
//
//	var errs contact.Errors
//	if errors.As(err, &errs) { … }
type Errors []Error

// Error returns the first few errors as one line of text for a log, which holds no submitted byte;
// see Error.Error. The envelope that AppendJSON writes has the whole pointers.
func (es Errors) Error() string {
	const most = 5
	dst := []byte("contact: ")
	if len(es) != 1 {
		dst = append(appendInt(dst, len(es)), " errors: "...)
	}
	for i, e := range es {
		if i == most {
			dst = appendInt(append(dst, "; and "...), len(es)-most)
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

// A StoreError says what a stored document holds that cannot be read: the service's own fault,
// never a client's. It does not unwrap to Errors, so that a handler that answers [Errors] with
// their Status cannot take it for one. Answer it with 500 and keep it to yourself.
type StoreError struct{ errs Errors }

// Error returns the first few faults as one line of text for a log. It holds no stored value.
func (e *StoreError) Error() string {
	return "contact: in the stored document: " + strings.TrimPrefix(e.errs.Error(), "contact: ")
}

// Errors returns what is wrong, in the order and the form that a client's faults would have: the
// list to clean a store up by.
func (e *StoreError) Errors() Errors { return e.errs }

// storeError turns what a parser found in a stored document into a StoreError.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	return &StoreError{err.(Errors)}
}

// The faults of the program that calls, not of what a client or a store sent: errors.Is finds them.
var (
	// ErrNil is a nil argument.
	ErrNil = errors.New("contact: a nil argument")
	// ErrText is a string of a Contact that is not valid UTF-8.
	ErrText = errors.New("contact: a string that is not valid UTF-8")
	// ErrObject is an Object that is not a JSON object as strict as Parse demands, or an Unknown
	// with a field's name.
	ErrObject = errors.New("contact: an object that is not valid JSON")
	// ErrTime is a Date that does not exist, or a time whose year in UTC is not one of 0000 to
	// 9999.
	ErrTime = errors.New("contact: a date or a time that does not exist, " +
		"or not in the years 0000 to 9999")
	// ErrResolution is a resolution of Options that does not divide a second.
	ErrResolution = errors.New("contact: a resolution that does not divide a second")
)

// fault returns what is wrong with a value of the kind that JSON cannot carry.
func (k Kind) fault() error {
	switch k {
	case KindDate, KindTimestamp:
		return ErrTime
	case KindObject:
		return ErrObject
	}
	return ErrText
}

// A fieldError is a fault of the program in one field of a contact.
type fieldError struct {
	field Field
	fault error
}

func (e *fieldError) Error() string { return e.fault.Error() + ": " + e.field.String() }
func (e *fieldError) Unwrap() error { return e.fault }

// Status returns the HTTP status of a response with these errors: the first of 401, 413, 415, 400,
// 422, 409 and 412 that one of them has, or else that of the first error, which is of a service's
// own; 422 if there are none.
func (es Errors) Status() int {
	order := [...]int{401, 413, 415, 400, 422, 409, 412}
	first := len(order)
	for i := range es {
		if at := slices.Index(order[:], es[i].status()); at >= 0 {
			first = min(first, at)
		}
	}
	switch {
	case first < len(order):
		return order[first]
	case len(es) > 0:
		return es[0].status()
	}
	return 422
}

// AppendJSON appends the API's error envelope,
// {"errors":[{"code","title","detail","source","meta"}]}. It is the same byte for byte as what
// json.Marshal writes.
func (es Errors) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"errors":[`...)
	for i := range es {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = es[i].appendJSON(dst)
	}
	return append(dst, "]}"...)
}

// MarshalJSON returns what AppendJSON appends. It never fails.
func (es Errors) MarshalJSON() ([]byte, error) { return es.AppendJSON(nil), nil }

func (e *Error) appendJSON(dst []byte) []byte {
	dst = appendPair(dst, `{"code":`, string(e.Code))
	dst = appendPair(dst, `,"title":`, e.Title())
	dst = appendPair(dst, `,"detail":`, e.Detail)
	switch {
	case e.Parameter != "":
		dst = append(appendPair(dst, `,"source":{"parameter":`, e.Parameter), '}')
	case e.Header != "":
		dst = append(appendPair(dst, `,"source":{"header":`, e.Header), '}')
	case e.Pointer != "" || e.custom == nil || !e.custom.noSource:
		dst = append(appendPair(dst, `,"source":{"pointer":`, e.Pointer), '}')
	}
	dst = appendPair(dst, `,"meta":{"rule":`, string(e.Rule))
	if e.Meta.Suggestion != "" {
		dst = appendPair(dst, `,"suggestion":`, e.Meta.Suggestion)
	}
	if e.Rule == RuleSyntax || e.Rule == RuleDepth {
		dst = appendInt(append(dst, `,"offset":`...), e.Meta.Offset)
	}
	if e.Meta.Limit > 0 {
		dst = appendInt(append(dst, `,"limit":`...), e.Meta.Limit)
	}
	if e.Meta.RequiredScope != "" {
		dst = appendPair(dst, `,"required_scope":`, e.Meta.RequiredScope)
	}
	if e.Meta.PointerTruncated {
		dst = append(dst, `,"pointer_truncated":true`...)
	}
	if e.Meta.RequestID != "" {
		dst = appendPair(dst, `,"request_id":`, e.Meta.RequestID)
	}
	return append(dst, "}}"...)
}

// It is not inlined, as what it appends would make a WASM build larger each time.
//
//go:noinline
func appendPair(dst []byte, key, value string) []byte {
	return scan.AppendString(append(dst, key...), value, true)
}

// MarshalJSON returns the error as one entry of the envelope. It never fails.
func (e Error) MarshalJSON() ([]byte, error) { return e.appendJSON(nil), nil }

// appendInt appends a count; what is below zero can only come from an Error made by hand, and
// counts as zero.
func appendInt(dst []byte, n int) []byte {
	var buf [20]byte
	n = max(n, 0)
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(dst, buf[i:]...)
		}
	}
}
