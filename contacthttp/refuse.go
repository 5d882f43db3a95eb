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

// unauthorized is an error of Authenticate, unread one of reading the body, unloaded one of Load or
// Replay.
type (
	unauthorized struct{ error }
	unread       struct{ error }
	unloaded     struct{ error }
)

func (e *unauthorized) Unwrap() error { return e.error }
func (e *unread) Unwrap() error       { return e.error }
func (e *unloaded) Unwrap() error     { return e.error }

// errMethod says that a router has sent what is no update.
var errMethod = errors.New("contacthttp: the method is not PATCH")

// A refusal is an error of the handler's own: the first in the list whose test an error passes.
type refusal struct {
	is     func(error) bool
	status int
	code   contact.Code
	header string // that is at fault, or ""

	title, detail string
}

var refusals = []refusal{
	{isUnauthorized, http.StatusUnauthorized, "unauthorized", "Authorization",
		"Authentication required", "Send a valid token."},
	{func(err error) bool { return isUnread(err) && errors.Is(err, os.ErrDeadlineExceeded) },
		http.StatusRequestTimeout, "request_timeout", "", "Request timeout", "Send the request again, and faster."},
	{isUnread, http.StatusBadRequest, "malformed_request", "", "Malformed request", "Send a well-formed HTTP request."},
	{is(errMethod), http.StatusMethodNotAllowed, "method_not_allowed", "", "Method not allowed", "Use the method PATCH."},
	{is(ErrNotFound), http.StatusNotFound, "not_found", "", "Contact not found", "Send the id of a contact that is there."},
	{is(ErrKeyUsed), http.StatusUnprocessableEntity, "idempotency_conflict", "Idempotency-Key",
		"Idempotency key used", "Send another key: this one came with another request before."},
	{is(ErrConflict), http.StatusServiceUnavailable, "busy", "", "Contact is busy", "Send the request again after a moment."},
	{func(error) bool { return true }, http.StatusInternalServerError, "internal_error", "",
		"Internal error", "Send the request again later: it was in order itself."},
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func isUnauthorized(err error) bool {
	return errors.As(err, new(*unauthorized)) || errors.Is(err, ErrUnauthorized)
}
func isUnread(err error) bool { return errors.As(err, new(*unread)) }

func (r *refusal) error() contact.Error {
	e := contact.NewServiceError(r.status, r.code, r.title, r.detail)
	e.Header = r.header
	return e
}

// Texts yields the keys of the errors that are a handler's own, with such an error in English, and those
// of the titles that problem details have, which come without a detail: what a translation has to cover
// besides [contact.Messages]. Errors of the service's own, and their statuses, are not in it.
func Texts() iter.Seq2[string, contact.Error] {
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
			if !yield(key, contact.NewServiceError(status, contact.Code(key), http.StatusText(status), "")) {
				return
			}
		}
	}
}

// faults returns what the client is told of an error.
func faults(err error) contact.Errors {
	var errs contact.Errors
	if errors.As(err, &errs) && len(errs) > 0 && !(errors.As(err, new(*unloaded)) && slices.ContainsFunc(errs, isLibrarys)) {
		return errs
	}
	i := 0
	for !refusals[i].is(err) {
		i++
	}
	return contact.Errors{refusals[i].error()}
}

// isLibrarys reports whether an error is of a rule that a reader of the library may find broken.
func isLibrarys(e contact.Error) bool {
	for _, text := range contact.Messages() {
		if e.Rule == text.Rule {
			return true
		}
	}
	return false
}

// WriteError answers an error as ServeHTTP does, by Refuse and Failed, in the form that the client asks
// for. It is for the handlers beside this one, which answers updates alone: a GET that reads from the same
// store may hand on ErrUnauthorized, what Load returned, and the StoreError of a reader. A contact.Errors is
// answered as it is: do not hand on one for what the store holds.
func (h *Handler) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Cache-Control", "no-store") // it is personal data
	if errors.Is(r.Context().Err(), context.Canceled) {
		err = &unread{err} // the client has gone: what failed for that is no fault of the service
	}
	p := &Problem{Errors: slices.Clone(faults(err))} // which Refuse may write to
	p.Status = p.Errors.Status()
	header := w.Header()
	switch {
	case isUnread(err):
		header.Set("Connection", "close") // the rest of the body may still come
	case p.Status == http.StatusMethodNotAllowed:
		header.Set("Allow", http.MethodPatch)
	case p.Status == http.StatusUnauthorized:
		challenge := "Bearer" // RFC 6750 §3.1: with no error where there was no token
		if scope := p.Errors[0].Meta.RequiredScope; scope != "" {
			challenge += ` error="insufficient_scope", scope="` + scope + `"`
		} else if scheme, _, _ := strings.Cut(headerOf(r, "Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
			challenge += ` error="invalid_token"`
		}
		header.Set("WWW-Authenticate", challenge)
	case p.Errors[0].Header == "Content-Encoding":
		header.Set("Accept-Encoding", "identity") // RFC 9110 §12.5.3
	case p.Status == http.StatusServiceUnavailable:
		header.Set("Retry-After", "1")
	}
	header.Add("Vary", "Accept")
	if h.Refuse != nil {
		h.Refuse(header, r, p)
	}
	if h.Failed != nil {
		h.Failed(r, p.status(), err)
	}
	if wantsProblem(headerOf(r, "Accept")) {
		reply(w, p.status(), "application/problem+json", p.AppendJSON(nil))
		return
	}
	reply(w, p.status(), "application/json", p.Errors.AppendJSON(nil))
}

// wantsProblem reads the field Accept (RFC 9110 §12.5.1): who names problem details wants them, unless
// the envelope is dearer.
func wantsProblem(accept string) bool {
	problem, named := quality(accept, "application/problem+json")
	envelope, _ := quality(accept, "application/json")
	return named && problem > 0 && problem >= envelope
}

// quality returns the weight that a media type has in the field Accept: that of the range that fits it
// best, whether or not this is its name. A range that cannot be read is left out.
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

// A Problem is errors as problem details (RFC 9457): the member errors holds what the API's envelope
// does, so [contact.Errors] reads both.
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
	}{cmp.Or(p.Type, "about:blank"), cmp.Or(p.Title, http.StatusText(p.status())), p.status(), detail, p.Instance})
	envelope := p.Errors.AppendJSON(nil)
	return append(append(append(dst, text[:len(text)-1]...), ','), envelope[1:]...)
}

// MarshalJSON returns what AppendJSON appends. It never fails.
func (p Problem) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

func reply(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // an error here means that nobody listens any more
}
