package contacthttp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/partner-contacts/contact"
)

// ErrUnauthorized reports that a request has no valid token: 401 unauthorized.
var ErrUnauthorized = errors.New("contacthttp: no valid token")

// errMethod reports a method that the handler does not answer.
var errMethod = errors.New("contacthttp: no such method")

// An unread error is the answer to a request whose body was not read to its end: the connection is
// closed after it.
type unread struct{ error }

func (e *unread) Unwrap() error { return e.error }

// A refusalText describes an error of the handler's own. An error is the first in the list whose test an error passes.
type refusalText struct {
	is     func(error) bool
	status int
	code   contact.Code
	header string // that is at fault, or ""

	title, detail string
}

var refusals = []refusalText{
	{is(ErrUnauthorized), http.StatusUnauthorized, "unauthorized", "Authorization",
		"Authentication required", "Send a valid token in the header Authorization, after the word Bearer."},
	{func(err error) bool { return isUnread(err) && errors.Is(err, os.ErrDeadlineExceeded) },
		http.StatusRequestTimeout, "request_timeout", "", "Request timeout", "Send the request again: it did not arrive within the time limit."},
	{isUnread, http.StatusBadRequest, "malformed_request", "", "Malformed request", "Send a well-formed HTTP request."},
	{is(errMethod), http.StatusMethodNotAllowed, "method_not_allowed", "", "Method not allowed",
		"Use a method that the header Allow of this response lists."},
	{is(ErrNotFound), http.StatusNotFound, "not_found", "", "Contact not found", "Send the id of an existing contact."},
	{is(ErrKeyUsed), http.StatusUnprocessableEntity, "idempotency_conflict", "Idempotency-Key",
		"Idempotency key used", "Send another key: this one came with another request before."},
	{is(ErrConflict), http.StatusServiceUnavailable, "busy", "", "Contact is busy", "Send the request again after a moment."},
	{func(err error) bool {
		return errors.Is(err, ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
	},
		http.StatusServiceUnavailable, "service_unavailable", "", "Service unavailable",
		"Send the request again after a moment, with the same Idempotency-Key."},
	{isStored, http.StatusInternalServerError, "stored_contact_invalid", "",
		"Stored contact is invalid", "Do not send the request again before the service has repaired the contact."},
	{func(error) bool { return true }, http.StatusInternalServerError, "internal_error", "",
		"Internal error", "Send the request again later: the fault is the service's."},
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

// isStored reports a stored contact that cannot be read or updated. Unlike after another fault of the
// service, the same request cannot succeed later.
func isStored(err error) bool { return errors.As(err, new(*contact.StoreError)) }

func isUnread(err error) bool { return errors.As(err, new(*unread)) }

func (r *refusalText) error() contact.Error {
	e := contact.NewServiceError(r.status, r.code, r.title, r.detail)
	e.Header = r.header
	return e
}

// Messages yields the keys of the handler's own errors, each with such an error in English, and of
// the titles of problem details, which come without a detail. A translation covers them besides
// [contact.Messages]. Errors of the service's own, and their statuses, are not among them.
func Messages() iter.Seq2[string, contact.Error] {
	return func(yield func(string, contact.Error) bool) {
		statuses := make(map[int]bool)
		for _, e := range contact.Messages() {
			statuses[contact.Errors{e}.Status()] = true
		}
		for i := range refusals {
			e := refusals[i].error()
			if !yield(e.MessageKey(), e) {
				return
			}
			statuses[refusals[i].status] = true
		}
		for _, status := range slices.Sorted(maps.Keys(statuses)) {
			key := Problem{Status: status}.Key()
			if !yield(key, contact.NewServiceError(status, contact.Code(key), statusText(status), "")) {
				return
			}
		}
	}
}

// statusText returns the reason phrases of RFC 9110, two of which net/http has from its predecessor.
func statusText(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	}
	return http.StatusText(status)
}

// errorsFor returns the errors that the client is sent for err.
func errorsFor(err error) contact.Errors {
	var errs contact.Errors
	var one contact.Error
	switch {
	case errors.As(err, &errs) && len(errs) > 0:
		return errs
	case errors.As(err, &one):
		return contact.Errors{one}
	}
	i := 0
	for !refusals[i].is(err) {
		i++
	}
	return contact.Errors{refusals[i].error()}
}

// isLibrarys reports whether an error is one that a reader of the library may return.
func isLibrarys(e contact.Error) bool {
	for _, text := range contact.Messages() {
		if e.Rule == text.Rule {
			return true
		}
	}
	return false
}

// WriteError answers a request with an error, as ServeHTTP does: in the form that the client asks
// for, after EditProblem and OnError. It is for a service's other handlers on the same routes. See
// [Handler.Authenticate] and [Store] for the statuses of errors.
func (h *Handler) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	if h == nil {
		h = new(Handler)
	}
	if errors.Is(r.Context().Err(), context.Canceled) {
		err = &unread{err} // the client has gone, which is no fault of the service
	}
	header := w.Header()
	header.Del("Content-Length") // of the response that the error takes the place of
	secure(header)
	p := &Problem{Errors: slices.Clone(errorsFor(err))} // EditProblem may modify it
	p.Status = p.Errors.Status()
	if isUnread(err) {
		header.Set("Connection", "close") // the rest of the body may still come
	}
	switch p.Status {
	case http.StatusMethodNotAllowed:
		if header["Allow"] == nil { // a caller of WriteError may have another route
			header.Set("Allow", h.allow())
		}
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", challenge(r, p.Errors))
	case http.StatusUnsupportedMediaType:
		if slices.ContainsFunc(p.Errors, func(e contact.Error) bool { return e.Header == "Content-Encoding" }) {
			header.Set("Accept-Encoding", "identity") // RFC 9110 §12.5.3
		}
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		header.Set("Retry-After", "1")
	}
	header.Add("Vary", "Accept")
	if h.EditProblem != nil {
		h.EditProblem(header, r, p)
	}
	if h.OnError != nil {
		h.OnError(r, p.status(), err)
	}
	if wantsProblem(headerOf(r, "Accept")) {
		reply(w, r, p.status(), problemType, p.AppendJSON(nil))
		return
	}
	reply(w, r, p.status(), jsonType, p.Errors.AppendJSON(nil))
}

// challenge returns the value of WWW-Authenticate. It names an error only if there was a bearer token
// (RFC 6750 §3.1).
func challenge(r *http.Request, errs contact.Errors) string {
	if scope := errs[0].Meta.RequiredScope; scope != "" {
		return `Bearer error="insufficient_scope", scope="` + scope + `"`
	}
	if scheme, _, _ := strings.Cut(headerOf(r, "Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return `Bearer error="invalid_token"`
	}
	return "Bearer"
}

// wantsProblem reads the field Accept (RFC 9110 §12.5.1). A client that names problem details gets them,
// unless it prefers the envelope.
func wantsProblem(accept string) bool {
	problem, named := quality(accept, "application/problem+json")
	envelope, _ := quality(accept, "application/json")
	return named && problem > 0 && problem >= envelope
}

// quality returns the weight of a media type in the field Accept, which is that of the most specific
// range that includes it, and whether that range is its name. A malformed range is ignored.
func quality(accept, mediaType string) (q float64, named bool) {
	fit := 0
	for element := range elements(accept) {
		name, parameters, err := mime.ParseMediaType(element)
		weight, malformed := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64)
		if err != nil || malformed != nil || !(0 <= weight && weight <= 1) {
			continue
		}
		for i, fits := range []bool{name == "*/*", name == "application/*", name == mediaType} {
			if fits && i+1 > fit {
				fit, q = i+1, weight
			}
		}
	}
	return q, fit == 3
}

// elements yields the elements of a list (RFC 9110 §5.6.1), which are separated by commas outside of
// quoted strings.
func elements(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, quoted, escaped := 0, false, false
		for i := range len(list) {
			switch c := list[i]; {
			case escaped:
				escaped = false
			case c == '"':
				quoted = !quoted
			case quoted:
				escaped = c == '\\'
			case c == ',':
				if !yield(list[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(list[start:])
	}
}

// A Problem is a list of errors as problem details (RFC 9457). Its member errors is that of the API's
// envelope, so [contact.Errors] reads both forms.
type Problem struct {
	Type     string // a URI; "" is about:blank, which means no more than the status
	Title    string // "" is the status in words
	Status   int    // 0 is that of the errors
	Detail   string // "" is that of the first error
	Instance string // a URI of this occurrence, or ""
	Errors   contact.Errors
}

func (p Problem) status() int { return cmp.Or(p.Status, p.Errors.Status()) }

// Key returns the key by which a translation of the title is looked up, such as status.422.
func (p Problem) Key() string { return "status." + strconv.Itoa(p.status()) }

// AppendJSON appends the problem details.
func (p Problem) AppendJSON(dst []byte) []byte {
	detail := p.Detail
	if detail == "" && len(p.Errors) > 0 {
		detail = p.Errors[0].Detail
	}
	text, _ := json.Marshal(struct { // it cannot fail: it holds texts and a number
		Type     string `json:"type"`
		Title    string `json:"title"`
		Status   int    `json:"status"`
		Detail   string `json:"detail,omitempty"`
		Instance string `json:"instance,omitempty"`
	}{cmp.Or(p.Type, "about:blank"), cmp.Or(p.Title, statusText(p.status())), p.status(), detail, p.Instance})
	envelope := p.Errors.AppendJSON(nil)
	return append(append(append(dst, text[:len(text)-1]...), ','), envelope[1:]...)
}

// MarshalJSON returns the document that AppendJSON appends. It never fails.
func (p Problem) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

func reply(w http.ResponseWriter, r *http.Request, status int, mediaType []string, body []byte) {
	header := w.Header()
	header["Content-Type"] = mediaType
	if header["Content-Length"] == nil {
		header["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // if it fails, nobody is listening
	}
}
