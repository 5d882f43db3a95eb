// Package contacthttp answers PATCH /v2/partner/contacts/{id} over a store of documents: it reads the
// request, loads the contact, merges, saves under the condition that nobody was faster, and answers.
// What a service has of its own, its database and its tokens, are two things to give a [Handler].
//
// A service that merges inside its own transaction, for a lock on the row or a quota of keys, calls
// [contact.ParseUpdate] and [contact.AppendMerge] itself, as examples/service does.
package contacthttp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
)

// What a [Store] returns for what is no fault of its own. Wrapped they mean the same.
var (
	// ErrNotFound says that there is no such contact, or not for who asks: 404 not_found.
	ErrNotFound = errors.New("contacthttp: no such contact")
	// ErrConflict says that the contact is no longer the one that was loaded. The handler loads and
	// merges again.
	ErrConflict = errors.New("contacthttp: the contact has changed")
	// ErrKeyUsed says that the idempotency key came with another request before: 422
	// idempotency_conflict.
	ErrKeyUsed = errors.New("contacthttp: the idempotency key was used for another request")
)

// A Store keeps the documents of contacts, as [contact.Contact.AppendJSON] writes them. What else
// it returns than the errors above is its own fault, and answered with 500. The context is that
// which Authenticate returned, so that a store may see contacts of one team alone.
type Store interface {
	// Load returns the document of a contact.
	Load(ctx context.Context, id contact.ID) (document []byte, err error)
	// Save puts a document in the place of the one that was loaded, in one transaction with what
	// there is to remember of the request's key. If the contact is not the one that was loaded, or
	// the key is known by now, it does nothing and returns ErrConflict.
	Save(ctx context.Context, c Change) error
}

// A Change is what an update makes of a contact.
type Change struct {
	ID       contact.ID
	Seen     time.Time        // the version that was loaded: if it is not the stored one, ErrConflict
	Version  time.Time        // the new one; the same if nothing changed
	Changed  contact.FieldSet // 0 only where there is a key to remember
	Document []byte           // what is stored from now on, and the answer

	Key     string   // the Idempotency-Key in lower case; "" if there was none
	Request [32]byte // a hash of the id and the body that came with the key
}

// A Replayer is a [Store] that remembers the changes of keys. Without one a key is only judged.
type Replayer interface {
	// Replay returns the document that a request with this key was answered with; ErrNotFound if
	// there was none, ErrKeyUsed if its hash was another.
	Replay(ctx context.Context, key string, request [32]byte) (document []byte, err error)
}

// A Handler answers updates. Its fields must not change once it serves.
type Handler struct {
	Store Store

	// Authenticate returns the scopes of the request's token, and the context for the store, with
	// the token's team in it for one. An error is answered with 401 unauthorized, unless it is a
	// contact.Errors, which says its own status.
	Authenticate func(r *http.Request) (ctx context.Context, scopes []string, err error)

	// Options are the departures from the contract.
	Options contact.Options

	// ID returns the path's id; nil is the path value "id" of net/http, and the path's last segment
	// under a router that sets none.
	ID func(r *http.Request) string

	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// Failed is told of every error that was answered, with its status: those of 500 are the
	// service's own. A contact.Errors in a log holds no personal data.
	Failed func(r *http.Request, status int, err error)
}

// tries is how often an update is merged anew because somebody was faster.
const tries = 16

// ServeHTTP answers an update, and any method but PATCH with 405. A body of more than
// Options.MaxBytes is not read further; errors come in the API's envelope, or as problem details
// (RFC 9457) to a client that asks for application/problem+json.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Accept-Patch", "application/json, application/merge-patch+json") // RFC 5789 §3.1
	w.Header().Set("Cache-Control", "no-store")                                      // it is personal data
	document, version, err := h.update(w, r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.Header().Set("ETag", contact.ETag(version))
	reply(w, http.StatusOK, "application/json", document)
}

func (h *Handler) update(w http.ResponseWriter, r *http.Request) ([]byte, time.Time, error) {
	none := time.Time{}
	if r.Method != http.MethodPatch {
		return nil, none, errMethod
	}
	ctx, scopes, err := h.Authenticate(r)
	if err != nil {
		return nil, none, &unauthorized{err}
	}
	most := h.Options.MaxBytes
	if most == 0 {
		most = contact.DefaultMaxBytes
	}
	source := io.Reader(r.Body)
	if most > 0 { // one byte too many is enough for the library to refuse the body
		source = io.LimitReader(r.Body, int64(most)+1)
	}
	body, err := io.ReadAll(source)
	if err != nil {
		return nil, none, &unread{err}
	}
	id := cmp.Or(r.PathValue("id"), path.Base(r.URL.Path))
	if h.ID != nil {
		id = h.ID(r)
	}
	u, err := h.Options.ParseUpdate(contact.UpdateRequest{
		PathID: id, Scopes: scopes, ContentType: header(r, "Content-Type"),
		ContentEncoding: header(r, "Content-Encoding"), IdempotencyKey: header(r, "Idempotency-Key"),
		IfMatch: header(r, "If-Match"), IfNoneMatch: header(r, "If-None-Match"),
		IfUnmodifiedSince: header(r, "If-Unmodified-Since"), Body: body,
	})
	if err != nil {
		return nil, none, err
	}
	c := Change{ID: u.ID, Key: strings.ToLower(u.IdempotencyKey), Request: sha256.Sum256(append(u.ID[:], body...))}
	for range tries {
		// Somebody faster may have been the same client with the same key.
		if err = h.replay(ctx, &c); errors.Is(err, ErrNotFound) {
			err = h.merge(ctx, &c, u, body)
		}
		if !errors.Is(err, ErrConflict) {
			return c.Document, c.Version, err
		}
	}
	return nil, none, err
}

// replay takes the answer that the request's key has got before; ErrNotFound if it has got none.
func (h *Handler) replay(ctx context.Context, c *Change) (err error) {
	replayer, ok := h.Store.(Replayer)
	if !ok || c.Key == "" {
		return ErrNotFound
	}
	if c.Document, err = replayer.Replay(ctx, c.Key, c.Request); err != nil {
		return err
	}
	c.Version, err = versionOf(c.Document)
	return err
}

// merge loads, merges and saves once.
func (h *Handler) merge(ctx context.Context, c *Change, u *contact.Update, body []byte) error {
	stored, err := h.Store.Load(ctx, u.ID)
	if err != nil {
		return err
	}
	if c.Seen, err = versionOf(stored); err != nil {
		return err
	}
	now := time.Now
	if h.Now != nil {
		now = h.Now
	}
	c.Document, c.Changed, err = h.Options.AppendMerge(nil, stored, body, now())
	if err != nil {
		return err
	}
	// The client's condition counts only where the patch could be made (RFC 9110 §13.2.1).
	if err := u.Condition.Check(c.Seen); err != nil {
		return err
	}
	if c.Version, err = versionOf(c.Document); err != nil {
		return err
	}
	if c.Changed == 0 && c.Key == "" {
		return nil
	}
	return h.Store.Save(ctx, *c)
}

// versionOf reads the version in a document.
func versionOf(document []byte) (time.Time, error) {
	var read struct {
		UpdatedAt time.Time `json:"updated_at"`
	}
	err := json.Unmarshal(document, &read)
	return read.UpdatedAt, err
}

// header is a header field's value, whose lines net/http does not join.
func header(r *http.Request, name string) string {
	return strings.Join(r.Header.Values(name), ", ")
}

// errMethod says that a router has sent what is no update.
var errMethod = errors.New("contacthttp: the method is not PATCH")

// unauthorized is an error of Authenticate, and unread one of reading the body.
type (
	unauthorized struct{ error }
	unread       struct{ error }
)

func (e *unauthorized) Unwrap() error { return e.error }
func (e *unread) Unwrap() error       { return e.error }

// faults returns what the client is told of an error.
func faults(err error) contact.Errors {
	var errs contact.Errors
	one := func(status int, code contact.Code, title, detail string) contact.Errors {
		return contact.Errors{contact.NewServiceError(status, code, title, detail)}
	}
	switch {
	case errors.As(err, &errs):
		return errs
	case errors.As(err, new(*unauthorized)):
		e := one(http.StatusUnauthorized, "unauthorized", "Authentication required", "Send a valid token.")
		e[0].Header = "Authorization"
		return e
	case errors.Is(err, os.ErrDeadlineExceeded) && errors.As(err, new(*unread)):
		return one(http.StatusRequestTimeout, "request_timeout", "Request timeout", "Send the request again, and faster.")
	case errors.As(err, new(*unread)):
		return one(http.StatusBadRequest, "malformed_request", "Malformed request", "Send a well-formed HTTP request.")
	case errors.Is(err, errMethod):
		return one(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed", "Use the method PATCH.")
	case errors.Is(err, ErrNotFound):
		return one(http.StatusNotFound, "not_found", "Contact not found", "Send the id of a contact that is there.")
	case errors.Is(err, ErrKeyUsed):
		e := one(http.StatusUnprocessableEntity, "idempotency_conflict", "Idempotency key used",
			"Send another key: this one came with another request before.")
		e[0].Header = "Idempotency-Key"
		return e
	case errors.Is(err, ErrConflict):
		return one(http.StatusServiceUnavailable, "busy", "Contact is busy", "Send the request again after a moment.")
	}
	return one(http.StatusInternalServerError, "internal_error", "Internal error",
		"Send the request again later: it was in order itself.")
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	errs := faults(err)
	status := errs.Status()
	if h.Failed != nil {
		h.Failed(r, status, err)
	}
	switch {
	case errors.As(err, new(*unread)):
		w.Header().Set("Connection", "close") // the rest of the body may still come
	case status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPatch)
	case status == http.StatusUnauthorized:
		challenge := "Bearer" // RFC 6750 §3
		if scope := errs[0].Meta.RequiredScope; scope != "" {
			challenge += ` error="insufficient_scope", scope="` + scope + `"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
	case status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	if strings.Contains(header(r, "Accept"), "application/problem+json") {
		reply(w, status, "application/problem+json", AppendProblem(nil, errs))
		return
	}
	reply(w, status, "application/json", errs.AppendJSON(nil))
}

// AppendProblem appends errors as problem details (RFC 9457): title is the status in words, detail
// that of the first error, and the member errors holds what the API's envelope does.
func AppendProblem(dst []byte, errs contact.Errors) []byte {
	status := errs.Status()
	text, _ := json.Marshal(struct { // it cannot fail: it holds texts and a number
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
	}{"about:blank", http.StatusText(status), status, detail(errs)})
	envelope := errs.AppendJSON(nil)
	return append(append(append(dst, text[:len(text)-1]...), ','), envelope[1:]...)
}

func detail(errs contact.Errors) string {
	if len(errs) == 0 {
		return ""
	}
	return errs[0].Detail
}

func reply(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // an error here means that nobody listens any more
}
