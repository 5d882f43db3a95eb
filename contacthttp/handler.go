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
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact"
)

// What a [Store] returns for what is no fault of its own. Wrapped they mean the same.
var (
	// ErrNotFound says that there is no such contact, or not for who asks: 404 not_found.
	ErrNotFound = errors.New("contacthttp: no such contact")
	// ErrUnauthorized says that there is no valid token: 401 unauthorized, as any error of
	// Authenticate; see [Handler.WriteError].
	ErrUnauthorized = errors.New("contacthttp: no valid token")
	// ErrConflict says that the contact is no longer the one that was loaded. The handler loads and
	// merges again, 16 times at most and without a pause; then it answers 503 busy with Retry-After.
	ErrConflict = errors.New("contacthttp: the contact has changed")
	// ErrKeyUsed says that the idempotency key came with another request before: 422
	// idempotency_conflict.
	ErrKeyUsed = errors.New("contacthttp: the idempotency key was used for another request")
)

// A Store keeps the documents of contacts, as [contact.Contact.AppendJSON] writes them. What else
// it returns than the errors above is its own fault, and answered with 500, but for a contact.Errors
// of the service's own, which says its status: see [contact.NewServiceError]. The context is that
// which Authenticate returned, so that a store may see contacts of one team alone.
type Store interface {
	// Load returns the document of a contact. What a reader of the library says of it is no fault of
	// the client's: it is answered with 500, too.
	Load(ctx context.Context, id contact.ID) (document []byte, err error)
	// Save puts a document in the place of the one that was loaded, in one transaction with what
	// there is to remember of the request's key. If the contact is not the one that was loaded, or
	// the key is known by now, it does nothing and returns ErrConflict. For what the client sent
	// and the store cannot hold it may return any contact.Errors.
	Save(ctx context.Context, c Revision) error
}

// A Revision is what an update makes of a contact.
type Revision struct {
	ID       contact.ID
	Seen     time.Time        // the version that was loaded: if it is not the stored one, ErrConflict
	Version  time.Time        // the new one; the same if nothing changed
	Changed  contact.FieldSet // 0 only where there is a key to remember
	Before   []byte           // the document that was loaded: for an audit log, see contact.Changes
	Document []byte           // what is stored from now on, and the answer

	Key     string   // the Idempotency-Key, a UUID in lower case; "" if there was none
	Request [32]byte // a hash of the id and the body that came with the key
}

// String returns the id and the names of the fields that changed.
func (c Revision) String() string {
	return "revision of " + c.ID.String() + ", changing " + c.Changed.String()
}

// Format writes what String returns, whatever the verb is: no log holds a document by accident.
func (c Revision) Format(s fmt.State, _ rune) { io.WriteString(s, c.String()) }

// LogValue implements slog.LogValuer: the id, and the names of the fields that changed.
func (c Revision) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID.String()), slog.String("changed", c.Changed.String()))
}

// A Replayer is a [Store] that remembers the revisions of keys. Without one a key is only judged. What
// was refused is not remembered: the same key may come again with another body, until it was answered
// with 200. A client that sends something else after that, a rebased edit for one, sends another key.
type Replayer interface {
	// Replay returns the document that a request with this key was answered with; ErrNotFound if
	// there was none, ErrKeyUsed if its hash was another.
	Replay(ctx context.Context, key string, request [32]byte) (document []byte, err error)
}

// A Handler answers updates. Store and Authenticate have to be set; its fields must not change once it
// serves.
type Handler struct {
	Store Store

	// Authenticate returns the scopes of the request's token, and the context for the store, with
	// the token's team in it for one; nil is that of the request. An error is answered with 401
	// unauthorized, unless it is a contact.Errors, which says its own status.
	Authenticate func(r *http.Request) (ctx context.Context, scopes []string, err error)

	// Options are the departures from the contract.
	Options contact.Options

	// ID returns the path's id; nil is the path value "id" of net/http, and the path's last segment
	// under a router that sets none.
	ID func(r *http.Request) string

	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// Refuse has the last word on what is answered to an error: on the texts, which [contact.Errors.Translate]
	// puts into the client's language, with Content-Language among the header fields; and on the type and
	// the instance of problem details. It is the same Problem for both forms of answer: the envelope has its
	// Errors. The status is that of p.Status.
	Refuse func(header http.Header, r *http.Request, p *Problem)

	// Failed is told of every error that was answered, with its status: those of 500 are the
	// service's own. What fails because the client has gone is 400, and nobody reads it. A
	// contact.Errors in a log holds no personal data.
	Failed func(r *http.Request, status int, err error)
}

// tries is how often an update is loaded, merged and saved because somebody was faster.
const tries = 16

// ServeHTTP answers an update, and any method but PATCH with 405. A body of more than
// Options.MaxBytes is not read further; errors come in the API's envelope, or as problem details
// (RFC 9457) to a client whose Accept names application/problem+json and puts it no lower than
// application/json (RFC 9110 §12.5.1).
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Accept-Patch", "application/json, application/merge-patch+json") // RFC 5789 §3.1
	w.Header().Set("Cache-Control", "no-store")                                      // it is personal data
	document, version, err := h.update(w, r)
	if err != nil {
		h.WriteError(w, r, err)
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
	if ctx == nil {
		ctx = r.Context()
	}
	options := h.Options
	most := int64(cmp.Or(options.MaxBytes, limits.MaxBytes))
	if most < 0 || most > math.MaxInt32 {
		most = math.MaxInt32 // what the library takes at most
	}
	// One byte too many is enough for it to refuse the body.
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong): // a limit of the server's, below the library's
		options.MaxBytes = max(1, int(tooLong.Limit))
		body = append(body, 0, 0) // so that it is longer: up to the limit it was read
	case err != nil:
		return nil, none, &unread{err}
	}
	id := cmp.Or(r.PathValue("id"), path.Base(r.URL.Path))
	if h.ID != nil {
		id = h.ID(r)
	}
	u, err := options.ParseUpdate(contact.UpdateRequest{
		PathID: id, Scopes: scopes, ContentType: mediaType(r),
		ContentEncoding: headerOf(r, "Content-Encoding"), IdempotencyKey: headerOf(r, "Idempotency-Key"),
		IfMatch: headerOf(r, "If-Match"), IfNoneMatch: headerOf(r, "If-None-Match"),
		IfUnmodifiedSince: headerOf(r, "If-Unmodified-Since"), Body: body,
	})
	if err != nil {
		return nil, none, err
	}
	c := Revision{ID: u.ID, Key: u.IdempotencyKey, Request: sha256.Sum256(append(u.ID[:], body...))}
	if !h.Options.AnyIdempotencyKey { // a UUID is the same in either case (RFC 9562 §4)
		c.Key = strings.ToLower(c.Key)
	}
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
func (h *Handler) replay(ctx context.Context, c *Revision) (err error) {
	replayer, ok := h.Store.(Replayer)
	if !ok || c.Key == "" {
		return ErrNotFound
	}
	if c.Document, err = replayer.Replay(ctx, c.Key, c.Request); err != nil {
		return &unloaded{err}
	}
	c.Version, err = contact.StoredVersion(c.Document)
	return err
}

// merge loads, merges and saves once.
func (h *Handler) merge(ctx context.Context, c *Revision, u *contact.Update, body []byte) error {
	stored, err := h.Store.Load(ctx, u.ID)
	if err != nil {
		return &unloaded{err}
	}
	c.Before = stored
	if c.Seen, err = contact.StoredVersion(stored); err != nil {
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
	if c.Version, err = contact.StoredVersion(c.Document); err != nil {
		return err
	}
	if c.Changed == 0 && c.Key == "" {
		return nil
	}
	return h.Store.Save(ctx, *c)
}

// headerOf returns a header field's value, whose lines net/http does not join: white space of one that
// is there and empty, which is not the same as none.
func headerOf(r *http.Request, name string) string {
	lines := r.Header.Values(name)
	if value := strings.Join(lines, ", "); value != "" || lines == nil {
		return value
	}
	return " "
}

// mediaType returns the value of Content-Type, or what is none if there are two of them.
func mediaType(r *http.Request) string {
	if len(r.Header.Values("Content-Type")) > 1 {
		return ","
	}
	return headerOf(r, "Content-Type")
}
