// Package contacthttp answers GET, HEAD and PATCH of /v2/partner/contacts/{id} over a store of
// contacts. It reads the request, has the store run the merge in its transaction, and answers. A
// service gives a [Handler] two things of its own: a [Store], which is its database, and
// Authenticate, which knows its tokens.
//
// [Apply] does the same work without HTTP.
package contacthttp

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/limits"
	"github.com/partner-contacts/contact/internal/scope"
)

// The scopes that a request requires.
const (
	// ScopeRead is the scope of GET and HEAD.
	ScopeRead = scope.Read
	// ScopeUpdate is the scope of PATCH.
	ScopeUpdate = scope.Update
)

// A Handler answers requests for one contact. Store and Authenticate must be set: without them, and
// with a nil Handler, every request is answered with 500. Its fields must not change once it serves.
type Handler struct {
	Store Store

	// Authenticate returns the scopes of the request's token and the context for the store, which
	// names the token's team, for example. A nil context is that of the request. It may replace
	// r.Body, to limit or count the bytes read.
	//
	// ErrUnauthorized is answered with 401 unauthorized, a contact.Errors or contact.Error with its
	// own status, context.DeadlineExceeded and ErrUnavailable with 503. Any other error is the
	// service's fault: 500. A token store that is down must not make clients throw tokens away.
	Authenticate func(r *http.Request) (ctx context.Context, scopes []string, err error)

	// Options are the departures from the contract.
	Options contact.Options

	// Check refuses an update that the library accepts, before the store is asked: for rules of
	// the service's own, or values that its database cannot hold; see [CheckPostgresColumns]. nil
	// refuses nothing. The errors are answered as those of Authenticate.
	Check func(u *contact.Update) error

	// OtherMethods are the methods that the service answers beside this handler on the same
	// route, such as DELETE. Allow lists them besides GET, HEAD, OPTIONS and PATCH.
	OtherMethods []string

	// ID returns the id in the path. nil takes the path value "id" of net/http, or the last
	// segment of the path under a router that sets none.
	ID func(r *http.Request) string

	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// EditProblem may modify an error response before it is written: its header, the texts, which
	// [contact.Errors.Translate] translates, the type and the instance of problem details. The same
	// Problem is used for both forms of the response: the API's envelope holds its Errors. The
	// status of the response is p.Status.
	EditProblem func(header http.Header, r *http.Request, p *Problem)

	// OnError is called with every error that was answered and its status. An error with status 500
	// is the service's own fault. If the client has gone the status is 400, and nobody reads it. No
	// contact.Errors or StoreError holds a submitted or stored value.
	OnError func(r *http.Request, status int, err error)
}

// Values of header fields that every response shares. Nobody may write to them; Header.Add copies them.
var (
	acceptPatch = []string{"application/json, application/merge-patch+json"} // RFC 5789 §3.1
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
)

// ServeHTTP answers GET, HEAD and PATCH, and OPTIONS with the methods there are. It answers any other
// method with 405. It reads at most Options.MaxBytes of a body. Errors are sent in the API's envelope,
// or as problem details (RFC 9457) if Accept names application/problem+json with a weight no lower
// than application/json has (RFC 9110 §12.5.1).
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h == nil || h.Store == nil || h.Authenticate == nil {
		h.WriteError(w, r, errIncomplete)
		return
	}
	// Authenticate may wrap the body. Unless it is its own again, net/http closes the connection at
	// once while the client still sends, and the client sees a reset in place of the answer.
	defer func(body io.ReadCloser) { r.Body = body }(r.Body)
	header := w.Header()
	header["Accept-Patch"] = acceptPatch
	secure(header)
	var err error
	switch r.Method {
	case http.MethodPatch:
		err = h.patch(w, r)
	case http.MethodGet, http.MethodHead:
		err = h.get(w, r)
	case http.MethodOptions:
		header.Set("Allow", h.allow())
		w.WriteHeader(http.StatusNoContent)
	default:
		err = errMethod
	}
	if err != nil {
		h.WriteError(w, r, err)
	}
}

var errIncomplete = errors.New("contacthttp: a Handler without Store or Authenticate")

// secure sets the header fields of every response. A contact is personal data: no cache may keep it,
// nor that it exists.
func secure(header http.Header) {
	header["Cache-Control"] = noStore
	header["X-Content-Type-Options"] = noSniff
}

func (h *Handler) allow() string {
	methods := append([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch}, h.OtherMethods...)
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

func (h *Handler) authenticate(r *http.Request) (context.Context, []string, error) {
	ctx, scopes, err := h.Authenticate(r)
	if ctx == nil {
		ctx = r.Context()
	}
	return ctx, scopes, err
}

func (h *Handler) id(r *http.Request) string {
	if h.ID != nil {
		return h.ID(r)
	}
	return cmp.Or(r.PathValue("id"), path.Base(r.URL.Path))
}

// get answers with the stored contact.
func (h *Handler) get(w http.ResponseWriter, r *http.Request) error {
	ctx, scopes, err := h.authenticate(r)
	if err != nil {
		return err
	}
	if !HasScope(scopes, ScopeRead) {
		e := contact.NewError(contact.RuleScope, "")
		e.Header, e.Meta.RequiredScope = "Authorization", ScopeRead
		return contact.Errors{e}
	}
	id, err := contact.ParseID(h.id(r))
	if err != nil {
		e := contact.NewError(contact.RuleUUID, "")
		e.Parameter = "id"
		return contact.Errors{e}
	}
	document, err := h.Store.Load(ctx, id)
	if err != nil {
		return storeError(err)
	}
	version, err := contact.StoredVersion(document)
	if err != nil {
		return err
	}
	// RFC 9110 §13.2.2: If-Match is first and refuses, If-None-Match spares the body.
	condition := contact.ParseCondition(headerOf(r, "If-Match"), "", headerOf(r, "If-Unmodified-Since"))
	if err := condition.Check(version); err != nil {
		return err
	}
	w.Header()["Etag"] = []string{contact.ETag(version)}
	if contact.ParseCondition("", headerOf(r, "If-None-Match"), "").NotModified(version) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	reply(w, r, http.StatusOK, jsonType, document)
	return nil
}

// patch applies the update.
func (h *Handler) patch(w http.ResponseWriter, r *http.Request) error {
	ctx, scopes, err := h.authenticate(r)
	if err != nil {
		return err
	}
	u, err := h.readUpdate(r, scopes)
	if err != nil {
		return err
	}
	if h.Check != nil {
		if err := h.Check(u); err != nil {
			return err
		}
	}
	now := h.Now
	if now == nil {
		now = time.Now
	}
	revision, err := apply(ctx, h.Store, u, now)
	if err != nil {
		return err
	}
	header := w.Header()
	values := [...]string{contact.ETag(revision.Version), strconv.Itoa(len(revision.Document))} // one allocation for both
	header["Etag"], header["Content-Length"] = values[:1:1], values[1:]
	if revision.Replayed {
		header.Set("X-Idempotent-Replay", "true")
	}
	reply(w, r, http.StatusOK, jsonType, revision.Document)
	return nil
}

// A bodyReader reads a request's body up to a limit. An Update keeps nothing of the body it was read
// from, so they are used again.
type bodyReader struct {
	buffer  bytes.Buffer
	limited io.LimitedReader
}

var bodyReaders = sync.Pool{New: func() any { return new(bodyReader) }}

// largeBody is the size above which a buffer is left to the garbage collector.
const largeBody = 64 << 10

func (b *bodyReader) put() {
	if b.buffer.Cap() <= largeBody {
		b.buffer.Reset()
		b.limited.R = nil
		bodyReaders.Put(b)
	}
}

// readUpdate reads the body and parses the request.
func (h *Handler) readUpdate(r *http.Request, scopes []string) (*contact.Update, error) {
	request := contact.UpdateRequest{
		PathID: h.id(r), Scopes: scopes, ContentType: mediaType(r),
		ContentEncoding: headerOf(r, "Content-Encoding"), IdempotencyKey: headerOf(r, "Idempotency-Key"),
		IfMatch: headerOf(r, "If-Match"), IfNoneMatch: headerOf(r, "If-None-Match"),
		IfUnmodifiedSince: headerOf(r, "If-Unmodified-Since"),
	}
	limit := int64(cmp.Or(h.Options.MaxBytes, limits.MaxBytes))
	if limit < 0 || limit > math.MaxInt32 {
		limit = math.MaxInt32 // the library's own limit
	}
	// The first Read of the body makes net/http send 100 Continue, so a request that is refused for
	// its header is refused before.
	expects := r.Header["Expect"] != nil
	if expects || r.ContentLength > limit {
		if err := h.checkHeader(request, r.ContentLength > limit, limit); err != nil {
			return nil, &unread{err}
		}
	}
	body := bodyReaders.Get().(*bodyReader)
	defer body.put()
	body.limited.R, body.limited.N = r.Body, limit+1 // the byte too many is for ParseUpdate to refuse
	if _, err := body.buffer.ReadFrom(&body.limited); err != nil {
		return nil, h.readError(request, err)
	}
	request.Body = body.buffer.Bytes()
	u, err := h.Options.ParseUpdate(request)
	if err != nil && int64(len(request.Body)) > limit {
		err = &unread{err}
	}
	return u, err
}

// readError returns the error for a body that could not be read to its end.
func (h *Handler) readError(request contact.UpdateRequest, err error) error {
	var tooLong *http.MaxBytesError
	if errors.As(err, &tooLong) { // a limit of the server's, below the library's
		if refused := h.checkHeader(request, true, tooLong.Limit); refused != nil {
			err = refused
		}
	}
	return &unread{err}
}

// checkHeader returns the errors that ParseUpdate finds without the body, in its order, with that of
// a body over the limit if it is too large.
func (h *Handler) checkHeader(request contact.UpdateRequest, tooLarge bool, limit int64) error {
	options := h.Options
	options.RequireComplete = false
	request.Body = []byte("{}")
	if tooLarge {
		options.MaxBytes = 1 // so that this body is refused in place of the unread one
	}
	_, err := options.ParseUpdate(request)
	var errs contact.Errors
	if !errors.As(err, &errs) {
		return err
	}
	for i := range errs {
		if errs[i].Rule == contact.RuleSize {
			errs[i].Meta.Limit = int(max(1, limit))
			errs[i].Detail = fmt.Sprintf("Send a body of at most %d bytes.", errs[i].Meta.Limit)
		}
	}
	return errs
}

// headerOf returns the value of a header field, its lines joined, which net/http does not do. For a
// field that is there and empty it returns a space, which is not the same as no field.
func headerOf(r *http.Request, name string) string {
	lines := r.Header[name]
	switch {
	case len(lines) == 0:
		return ""
	case len(lines) == 1 && lines[0] != "":
		return lines[0]
	}
	return cmp.Or(strings.Join(lines, ", "), " ")
}

// mediaType returns the value of Content-Type, or for two of them a value that is no media type.
func mediaType(r *http.Request) string {
	if len(r.Header["Content-Type"]) > 1 {
		return ","
	}
	return headerOf(r, "Content-Type")
}
