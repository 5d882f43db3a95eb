package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
)

// ScopeRead lets a token read contacts; contact.ScopeUpdate lets it change them.
const ScopeRead = "partner:contacts:read"

const (
	maxBody     = limits.MaxBytes
	maxDocument = 512 << 10       // a stored contact; a patch must not make it grow beyond
	keyLife     = 24 * time.Hour  // how long an Idempotency-Key is remembered
	storeTime   = 5 * time.Second // for all that one request asks of the database
	readyTime   = time.Second     // for the database to say that it is there
	retryAfter  = "1"             // seconds, with every 429 and 503
)

// library is the contract but for a smaller limit.
var library = contact.Options{MaxDocument: maxDocument}

const acceptPatch = "application/json, application/merge-patch+json"

// Service is the HTTP face of a Store.
type Service struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger
}

// newServer returns an HTTP server with a limit on everything that a client can draw out. What
// reaches no handler net/http refuses by itself, as plain text: requests that are not HTTP, headers
// that are too large, expectations and codings that it does not know.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second, // headers and body
		WriteTimeout:      30 * time.Second, // from the end of the headers to the end of the answer
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,

		DisableGeneralOptionsHandler: true, // "OPTIONS *" is as unknown here as any other route
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// A handler answers, or returns the error to answer with.
type handler func(http.ResponseWriter, *http.Request) error

// Handler returns the routes. Whatever they answer with a status of 400 or more has the error
// envelope as its body.
func (s *Service) Handler() http.Handler {
	type methods map[string]handler
	routes := map[string]methods{
		"/healthz":                  {http.MethodGet: s.health},
		"/readyz":                   {http.MethodGet: s.ready},
		"/openapi.json":             {http.MethodGet: s.openAPI},
		"/v2/partner/contacts/{id}": {http.MethodGet: s.get, http.MethodPatch: s.patch},
	}
	for path, file := range form {
		routes[path] = methods{http.MethodGet: file.serve}
	}
	mux := http.NewServeMux()
	for path, handlers := range routes {
		allow := []string{http.MethodOptions}
		for method, handle := range handlers {
			mux.Handle(method+" "+path, s.wrap(handle))
			allow = append(allow, method)
			if method == http.MethodGet {
				allow = append(allow, http.MethodHead)
			}
		}
		slices.Sort(allow)
		mux.Handle(path, s.wrap(func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			if handlers[http.MethodPatch] != nil {
				w.Header().Set("Accept-Patch", acceptPatch) // RFC 5789 §3.1
			}
			if r.Method != http.MethodOptions {
				return errMethod
			}
			w.WriteHeader(http.StatusNoContent)
			return nil
		}))
	}
	unknown := s.wrap(func(http.ResponseWriter, *http.Request) error { return ErrNotFound })
	mux.Handle("/", unknown)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect from //a to /a, and answer * itself.
		p := r.URL.Path
		if clean := path.Clean(p); !strings.HasPrefix(p, "/") || clean != p && clean+"/" != p {
			unknown.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// health says that the process lives. It asks no database: to start a service again does not help
// one that is down.
func (s *Service) health(w http.ResponseWriter, _ *http.Request) error {
	reply(w, http.StatusOK, []byte(`{"status":"ok"}`))
	return nil
}

// ready says whether a request would get its turn at the database.
func (s *Service) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		return fmt.Errorf("%w: %w", errUnavailable, err)
	}
	reply(w, http.StatusOK, []byte(`{"status":"ready"}`))
	return nil
}

func (s *Service) openAPI(w http.ResponseWriter, _ *http.Request) error {
	reply(w, http.StatusOK, []byte(schema.OpenAPI))
	return nil
}

// header is a header field's value, whose lines net/http does not join.
func header(r *http.Request, name string) string {
	return strings.Join(r.Header.Values(name), ", ")
}

// get answers with a contact as it is stored.
func (s *Service) get(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	token, err := s.authenticate(ctx, r)
	if err != nil {
		return err
	}
	if !contact.HasScope(token.Scopes, ScopeRead) {
		e := contact.NewError(contact.RuleScope, "")
		e.Header, e.Meta.RequiredScope = "Authorization", ScopeRead
		return contact.Errors{e}
	}
	id, err := contact.ParseID(r.PathValue("id"))
	if errs := (contact.Errors)(nil); errors.As(err, &errs) {
		errs[0].Parameter = "id"
		return errs
	}
	stored, err := s.Store.Contact(ctx, token.Team, id)
	if err != nil {
		return err
	}
	// RFC 9110 §13.2.2: If-Match goes first and refuses, If-None-Match spares the body.
	demand := contact.ParseCondition(header(r, "If-Match"), "", header(r, "If-Unmodified-Since"))
	if err := demand.Check(stored.Version); err != nil {
		return err
	}
	w.Header().Set("ETag", contact.ETag(stored.Version))
	known := contact.ParseCondition("", header(r, "If-None-Match"), "")
	if known.NotModified(stored.Version) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	reply(w, http.StatusOK, stored.Body)
	return nil
}

// patch is updateContact: check the request, merge, store, answer.
func (s *Service) patch(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Accept-Patch", acceptPatch)
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	token, err := s.authenticate(ctx, r)
	if err != nil {
		return err
	}

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody+1))
	if tooBig := (*http.MaxBytesError)(nil); err != nil && !errors.As(err, &tooBig) {
		w.Header().Set("Connection", "close") // the rest of the body may still come
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return errTimeout
		}
		return errRequest
	}
	update, err := library.ParseUpdate(contact.UpdateRequest{ // refuses the byte too many
		PathID:            r.PathValue("id"),
		Scopes:            token.Scopes,
		ContentType:       header(r, "Content-Type"),
		ContentEncoding:   header(r, "Content-Encoding"),
		IdempotencyKey:    header(r, "Idempotency-Key"),
		IfMatch:           header(r, "If-Match"),
		IfNoneMatch:       header(r, "If-None-Match"),
		IfUnmodifiedSince: header(r, "If-Unmodified-Since"),
		Body:              body,
	})
	if err != nil {
		return err
	}

	// The time starts anew: a body may take longer to arrive than this.
	ctx, cancel = context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	now := s.Now()
	answer, err := s.Store.Update(ctx, Change{
		Team:        token.Team,
		ID:          update.ID,
		Key:         strings.ToLower(update.IdempotencyKey), // a UUID is the same in either case
		Fingerprint: sha256.Sum256(append(update.ID[:], body...)),
		Now:         now,
		Expires:     now.Add(keyLife),
		Merge: func(stored Document) (Document, bool, error) {
			return merge(stored, body, update.Condition, s.Now())
		},
	})
	if err != nil {
		return err
	}
	if answer.Replayed {
		w.Header().Set("X-Idempotent-Replay", "true")
	}
	w.Header().Set("ETag", contact.ETag(answer.Version))
	reply(w, http.StatusOK, answer.Body)
	return nil
}

// merge is the library's merge from document to document, and then the client's condition, which
// counts only where the patch could be made (RFC 9110 §13.2.1).
func merge(stored Document, body []byte, condition contact.Condition, now time.Time) (Document, bool, error) {
	merged, changed, err := library.AppendMerge(nil, stored.Body, body, now)
	if errs := (contact.Errors)(nil); errors.As(err, &errs) {
		return Document{}, false, errs
	}
	if err != nil {
		return Document{}, false, fmt.Errorf("%w: %v", errInternal, err)
	}
	if err := condition.Check(stored.Version); err != nil {
		return Document{}, false, err
	}
	if changed == 0 {
		return stored, false, nil
	}
	d, err := newDocument(merged)
	if err != nil {
		return Document{}, false, fmt.Errorf("%w: %v", errInternal, err)
	}
	return d, true, nil
}

// newDocument finds the version in a contact's JSON.
func newDocument(body []byte) (Document, error) {
	version, err := contact.StoredVersion(body)
	return Document{body, version}, err
}

// authenticate finds the token of a request. A token is "<id>.<secret>"; the id finds the record,
// and the hash of the whole is compared in constant time. A plain SHA-256 is enough because the
// secret has 256 random bits, which nobody can guess their way through.
func (s *Service) authenticate(ctx context.Context, r *http.Request) (Token, error) {
	header := r.Header["Authorization"]
	if len(header) != 1 {
		return Token{}, errUnauthorized
	}
	scheme, bearer, _ := strings.Cut(header[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || !utf8.ValidString(bearer) { // PostgreSQL takes no other text
		return Token{}, errUnauthorized
	}
	id, _, _ := strings.Cut(bearer, ".")
	token, err := s.Store.Token(ctx, id)
	if err != nil && err != ErrNotFound {
		return Token{}, err
	}
	hash := sha256.Sum256([]byte(bearer))
	if subtle.ConstantTimeCompare(hash[:], token.Hash[:]) != 1 {
		return Token{}, errUnauthorized
	}
	if !token.Expires.IsZero() && !s.Now().Before(token.Expires) {
		return Token{}, errUnauthorized
	}
	return token, nil
}

// wrap gives a route what all of them have: the error envelope, a log line with nothing in it that
// is about a person, and an answer after a panic.
func (s *Service) wrap(handle handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		request := rand.Text()
		w := &recorder{ResponseWriter: rw}
		w.Header().Set("X-Request-Id", request)
		w.Header().Set("X-Content-Type-Options", "nosniff")

		err := recovered(func() error { return handle(w, r) })
		attrs := []slog.Attr{
			slog.String("request", request),
			slog.String("method", knownMethod(r.Method)),
			slog.String("route", r.Pattern), // never the URL: it names a contact
		}
		if err != nil {
			attrs = append(attrs, s.fail(w, r, request, err)...)
		}
		if w.Header().Get("X-Idempotent-Replay") != "" {
			attrs = append(attrs, slog.Bool("replay", true))
		}
		attrs = append(attrs,
			slog.Int("status", w.status),
			slog.Int("bytes", w.bytes),
			slog.Duration("took", time.Since(start)))
		level := slog.LevelInfo
		if w.status >= 500 {
			level = slog.LevelError
		}
		s.Log.LogAttrs(r.Context(), level, "request", attrs...)
	})
}

// knownMethod keeps a client from writing into the log through its method.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// reply sends JSON. Contacts are personal data: no cache may keep them.
func reply(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body) // an error here means that nobody listens any more
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

// answer is reply unless an answer has begun, which cannot be taken back.
func (w *recorder) answer(status int, body []byte) {
	if w.status == 0 {
		reply(w, status, body)
	}
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
