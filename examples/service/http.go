package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/partner-contacts/contact"
)

// ScopeRead lets a token read contacts; contact.ScopeUpdate lets it change them.
const ScopeRead = "partner:contacts:read"

const (
	maxBody    = 1 << 20         // the library's own default
	keyLife    = 24 * time.Hour  // how long an Idempotency-Key is remembered
	storeTime  = 5 * time.Second // for all that one request asks of the database
	retryAfter = "1"             // seconds, with every 503
)

// Service is the HTTP face of a Store.
type Service struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger
	Form  map[string]func(http.ResponseWriter, *http.Request) error // the browser form's files by path; may be nil
}

// problem is an error of the service's own, beside those of the library.
type problem struct {
	status              int
	code, title, detail string
	header              string // the request header at fault, if one is
}

func (p *problem) Error() string { return p.code }

// AppendJSON writes the same envelope as contact.Errors does.
func (p *problem) AppendJSON(dst []byte) []byte {
	type source struct {
		Header string `json:"header"`
	}
	type entry struct {
		Code   string   `json:"code"`
		Title  string   `json:"title"`
		Detail string   `json:"detail"`
		Source *source  `json:"source,omitempty"`
		Meta   struct{} `json:"meta"`
	}
	e := entry{Code: p.code, Title: p.title, Detail: p.detail}
	if p.header != "" {
		e.Source = &source{p.header}
	}
	b, err := json.Marshal(map[string][]entry{"errors": {e}})
	if err != nil {
		panic(err) // strings always marshal
	}
	return append(dst, b...)
}

var (
	errRequest      = &problem{http.StatusBadRequest, "malformed_request", "Malformed request", "Send a well-formed HTTP request.", ""}
	errUnauthorized = &problem{http.StatusUnauthorized, "unauthorized", "Authentication required", "Send a valid token: Authorization: Bearer <token>.", "Authorization"}
	errMethod       = &problem{http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed", "Use a method that the Allow header of this response lists.", ""}
	errTimeout      = &problem{http.StatusRequestTimeout, "request_timeout", "Request timeout", "Send the request again, and faster.", ""}
	errInternal     = &problem{http.StatusInternalServerError, "internal_error", "Internal error", "Report this: the request itself was in order.", ""}
	errUnavailable  = &problem{http.StatusServiceUnavailable, "service_unavailable", "Service unavailable", "Send the request again after a moment, with the same Idempotency-Key.", ""}
)

// Handler returns the routes. Whatever it answers with a status of 400 or
// more has the error envelope as its body.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	type route struct {
		method, path string
		handle       func(http.ResponseWriter, *http.Request) error
	}
	routes := []route{
		{http.MethodGet, "/healthz", s.health},
		{http.MethodGet, "/v2/partner/contacts/{id}", s.get},
		{http.MethodPatch, "/v2/partner/contacts/{id}", s.patch},
	}
	for path, file := range s.Form {
		routes = append(routes, route{http.MethodGet, path, file})
	}
	allow := map[string]string{}
	for _, r := range routes {
		mux.Handle(r.method+" "+r.path, s.wrap(r.handle))
		methods := r.method
		if r.method == http.MethodGet {
			methods += ", " + http.MethodHead
		}
		if allow[r.path] != "" {
			methods = allow[r.path] + ", " + methods
		}
		allow[r.path] = methods
	}
	for path, methods := range allow {
		mux.Handle(path, s.wrap(func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Allow", methods)
			return errMethod
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

// health says whether the service can reach its database.
func (s *Service) health(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		return err
	}
	reply(w, http.StatusOK, []byte(`{"status":"ok"}`))
	return nil
}

// get answers with a contact as it is stored.
func (s *Service) get(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	token, err := s.authenticate(ctx, r)
	if err != nil {
		return err
	}
	if !granted(token.Scopes, ScopeRead) {
		return contact.Errors{{
			Code:   contact.CodeScopeMissing,
			Rule:   contact.RuleScope,
			Header: "Authorization",
			Detail: "Use a token that has the required scope.",
			Meta:   contact.ErrorMeta{RequiredScope: ScopeRead},
		}}
	}
	id, err := contact.ParseID(r.PathValue("id"))
	if errs := (contact.Errors)(nil); errors.As(err, &errs) {
		errs[0].Parameter = "id"
		return errs
	}
	body, err := s.Store.Contact(ctx, token.Team, id)
	if err != nil {
		return err
	}
	reply(w, http.StatusOK, body)
	return nil
}

// patch is updateContact: check the request, merge, store, answer.
func (s *Service) patch(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Accept-Patch", "application/json, application/merge-patch+json")
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
	update, err := contact.ParseUpdate(contact.UpdateRequest{ // refuses the byte too many
		PathID:         r.PathValue("id"),
		Scopes:         token.Scopes,
		ContentType:    r.Header.Get("Content-Type"),
		IdempotencyKey: strings.Join(r.Header.Values("Idempotency-Key"), ","), // two are none that is valid
		Body:           body,
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
		Merge: func(stored []byte) (*contact.Contact, bool, error) {
			existing, err := contact.ParseStored(stored)
			if err != nil {
				// These errors are the service's, not the client's.
				var errs contact.Errors
				errors.As(err, &errs)
				return nil, false, fmt.Errorf("%w: the stored contact is broken: %q", errInternal, rulesOf(errs))
			}
			merged, changed, err := contact.Merge(existing, update.Patch, s.Now())
			if errs := (contact.Errors)(nil); err != nil && !errors.As(err, &errs) {
				err = fmt.Errorf("%w: %v", errInternal, err)
			}
			return merged, changed != 0, err
		},
	})
	if err != nil {
		return err
	}
	if answer.Replayed {
		w.Header().Set("X-Idempotent-Replay", "true")
	}
	reply(w, http.StatusOK, answer.Body)
	return nil
}

// authenticate finds the token of a request. A token is "<id>.<secret>"; the
// id finds the record, and the hash of the whole is compared in constant
// time. A plain SHA-256 is enough because the secret has 256 random bits, which
// nobody can guess their way through.
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
	return token, nil
}

// granted tells whether one of the scopes covers want, by the rule that
// contact.ParseUpdate goes by: three parts, and a * stands for any one.
func granted(scopes []string, want string) bool {
	parts := strings.Split(want, ":")
	return slices.ContainsFunc(scopes, func(scope string) bool {
		return slices.EqualFunc(strings.Split(scope, ":"), parts, func(have, part string) bool {
			return have == part || have == "*"
		})
	})
}

// wrap gives a route what all of them have: the error envelope, a log line
// with nothing in it that is about a person, and an answer after a panic.
func (s *Service) wrap(handle func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		request := rand.Text()
		w := &recorder{ResponseWriter: rw}
		w.Header().Set("X-Request-Id", request)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		enterHandler(r.Context())

		err := recovered(func() error { return handle(w, r) })
		attrs := []slog.Attr{
			slog.String("request", request),
			slog.String("method", knownMethod(r.Method)),
			slog.String("route", r.Pattern), // never the URL: it names a contact
		}
		if err != nil {
			attrs = append(attrs, s.fail(w, r, err)...)
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

// fail answers with the envelope and returns what may be logged of the error.
func (s *Service) fail(w *recorder, r *http.Request, err error) []slog.Attr {
	var envelope interface{ AppendJSON([]byte) []byte }
	var status int
	var attrs []slog.Attr
	var errs contact.Errors
	var own *problem
	switch {
	case errors.As(err, &errs):
		envelope, status = errs, errs.Status()
		for _, e := range errs {
			if e.Meta.RequiredScope != "" {
				w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+e.Meta.RequiredScope+`"`)
			}
		}
		attrs = append(attrs, slog.Any("rules", rulesOf(errs)))
	case errors.As(err, &own):
		envelope, status = own, own.status
		attrs = append(attrs, slog.String("code", own.code))
		if own == errUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
	case r.Context().Err() != nil:
		envelope, status = errRequest, errRequest.status // the client has gone and reads nothing
		attrs = append(attrs, slog.String("code", "client_gone"))
	default:
		envelope, status = errUnavailable, errUnavailable.status
		w.Header().Set("Retry-After", retryAfter)
		attrs = append(attrs, slog.String("code", errUnavailable.code))
	}
	if status >= 500 {
		attrs = append(attrs, slog.String("error", printable(err)))
	}
	if w.status == 0 { // else the answer has begun and cannot be taken back
		reply(w, status, envelope.AppendJSON(nil))
	}
	return attrs
}

// rulesOf is what a log may hold of the library's errors: no pointers, because
// anything can be in the name of a member.
func rulesOf(errs contact.Errors) []contact.Rule {
	rules := make([]contact.Rule, len(errs))
	for i, e := range errs {
		rules[i] = e.Rule
	}
	return rules
}

// printable is the text of an internal error without the values that
// PostgreSQL quotes in its messages.
func printable(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return "SQLSTATE " + pg.Code
	}
	return err.Error()
}

// recovered calls f and turns a panic into an error that holds where it was,
// and not what was passed to it, which may be part of a contact.
func recovered(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: panic with %T\n%s", errInternal, v, debug.Stack())
		}
	}()
	return f()
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
