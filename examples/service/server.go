package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/schema"
)

const (
	maxDocument = 512 << 10        // a stored contact; a patch must not make it grow beyond
	keyLife     = 24 * time.Hour   // how long an Idempotency-Key is remembered
	storeTime   = 5 * time.Second  // for all that one request asks of the database
	readyTime   = time.Second      // for the database to serve a probe
	readTime    = 15 * time.Second // for a request to arrive
)

// library is the contract but for a smaller limit.
var library = contact.Options{MaxDocument: maxDocument}

// A Database is a store of contacts and tokens.
type Database interface {
	contacthttp.Store
	Token(ctx context.Context, id string) (Token, error)
	Ping(ctx context.Context) error
}

// Service is the HTTP face of a Database.
type Service struct {
	Store    Database
	Now      func() time.Time
	Log      *slog.Logger
	draining atomic.Bool
	bodies   budget
	api      *contacthttp.Handler
}

// newServer returns an HTTP server with a limit on everything that a client can draw out. What
// reaches no handler net/http refuses by itself, as plain text: requests that are not HTTP, headers
// that are too large, expectations and codings that it does not know.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       readTime,         // headers and body; a body has its own deadlines, see meter
		WriteTimeout:      30 * time.Second, // from the end of the headers to the end of the answer
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,

		DisableGeneralOptionsHandler: true, // "OPTIONS *" is as unknown here as any other route
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// Handler returns the routes. Every answer with a status of 400 or more is an error envelope.
func (s *Service) Handler() http.Handler {
	s.Store = timed{s.Store}
	s.bodies.time = cmp.Or(s.bodies.time, readTime)
	s.api = &contacthttp.Handler{
		Store:        s.Store,
		Authenticate: s.authenticate,
		Options:      library,
		Now:          s.Now,
		EditProblem: func(header http.Header, _ *http.Request, p *contacthttp.Problem) {
			for i := range p.Errors {
				p.Errors[i].Meta.RequestID = header.Get("X-Request-Id")
				if p.Errors[i].Code == errQuota.Code {
					header.Set("Retry-After", "3600") // keys are forgotten after a day
				}
			}
		},
		OnError: func(r *http.Request, _ int, err error) { callOf(r.Context()).err = err },
	}
	mux := http.NewServeMux()
	mux.Handle("/v2/partner/contacts/{id}", s.api)
	mux.Handle("/healthz", s.static(func(w http.ResponseWriter, _ *http.Request) error {
		return respond(w, []byte(`{"status":"ok"}`)) // asks no database: to start the service again would not help one
	}))
	mux.Handle("/readyz", s.static(s.ready))
	mux.Handle("/openapi.json", s.static(func(w http.ResponseWriter, _ *http.Request) error { return respond(w, []byte(schema.OpenAPI)) }))
	for route, file := range form {
		mux.Handle(route, s.static(file.serve))
	}
	unknown := func(w http.ResponseWriter, r *http.Request) {
		s.api.WriteError(w, r, contact.NewServiceError(http.StatusNotFound, "not_found", "Not found", "Check the path: nothing is served there."))
	}
	mux.HandleFunc("/", unknown)
	return s.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect from //a to /a, and answer * itself.
		p := r.URL.Path
		if clean := path.Clean(p); !strings.HasPrefix(p, "/") || clean != p && clean+"/" != p {
			unknown(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// static answers GET and HEAD by serve, and OPTIONS.
func (s *Service) static(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			err = serve(w, r)
		case http.MethodOptions:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			err = contact.NewServiceError(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed",
				"Use a method that the header Allow of this response lists.")
		}
		if err != nil {
			s.api.WriteError(w, r, err)
		}
	})
}

func respond(w http.ResponseWriter, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // if it fails, nobody is listening
	return nil
}

// ready reports whether a request would get its turn at the database and could write.
func (s *Service) ready(w http.ResponseWriter, r *http.Request) error {
	if s.draining.Load() {
		return contacthttp.ErrUnavailable
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		return err
	}
	return respond(w, []byte(`{"status":"ready"}`))
}

// authenticate finds the token of a request. A token is "<id>.<secret>"; the id finds the record, and
// the hash of the whole is compared in constant time. A plain SHA-256 is enough because the secret has
// 256 random bits.
func (s *Service) authenticate(r *http.Request) (context.Context, []string, error) {
	header := r.Header["Authorization"]
	if len(header) != 1 {
		return nil, nil, contacthttp.ErrUnauthorized
	}
	scheme, bearer, _ := strings.Cut(header[0], " ")
	bearer = strings.TrimLeft(bearer, " ")                                 // RFC 6750 §2.1 has one space, RFC 9110 §11.4 any number
	if !strings.EqualFold(scheme, "Bearer") || !utf8.ValidString(bearer) { // PostgreSQL takes no other text
		return nil, nil, contacthttp.ErrUnauthorized
	}
	id, _, _ := strings.Cut(bearer, ".")
	token, err := s.Store.Token(r.Context(), id)
	if err != nil {
		return nil, nil, err
	}
	hash := sha256.Sum256([]byte(bearer))
	if subtle.ConstantTimeCompare(hash[:], token.Hash[:]) != 1 || !token.Expires.IsZero() && !s.Now().Before(token.Expires) {
		return nil, nil, contacthttp.ErrUnauthorized
	}
	call := callOf(r.Context())
	call.token = token
	r.Body = s.bodies.meter(r.Body, call)
	return withTeam(r.Context(), token.Team), token.Scopes, nil
}

// A timed database bounds what one request may ask of it.
type timed struct{ Database }

func (t timed) Token(ctx context.Context, id string) (Token, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return t.Database.Token(ctx, id)
}

func (t timed) Load(ctx context.Context, id contact.ID) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return t.Database.Load(ctx, id)
}

func (t timed) Update(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	return t.Database.Update(ctx, id, key, merge)
}

// A call is what a request leaves for its line in the log.
type call struct {
	w     *recorder
	token Token
	err   error
	bytes int64 // of the body, as the budget counts them
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return new(call)
}

// wrap gives all routes a request id, a line in the log without personal data, and an answer after a
// panic.
func (s *Service) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		c := &call{w: &recorder{ResponseWriter: rw}}
		request := rand.Text()
		c.w.Header().Set("X-Request-Id", request)
		c.w.Header().Set("X-Content-Type-Options", "nosniff")
		// The mux sets the pattern of the request that it gets: r is this one, so that spans have it.
		*r = *r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		defer s.bodies.release(c)
		err := recovered(func() error { next.ServeHTTP(c.w, r); return nil })
		if err != nil {
			c.err = err
			if c.w.status == 0 { // an answer that has begun cannot be taken back
				s.api.WriteError(c.w, r, err)
			}
		}
		s.log(r, c, request, time.Since(start))
	})
}

func (s *Service) log(r *http.Request, c *call, request string, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request", request), slog.String("method", knownMethod(r.Method)),
		slog.String("route", r.Pattern), // never the URL: it names a contact
		slog.Int("status", c.w.status), slog.Int("bytes", c.w.bytes),
		slog.Float64("took_ms", float64(took.Microseconds())/1000),
	}
	span := trace.SpanFromContext(r.Context())
	span.SetAttributes(attribute.String("http.route", r.Pattern))
	if span.SpanContext().HasTraceID() {
		attrs = append(attrs, slog.String("trace", span.SpanContext().TraceID().String()))
	}
	if c.token.ID != "" {
		attrs = append(attrs, slog.String("team", c.token.Team.String()), slog.String("token", c.token.ID))
	}
	if c.w.Header().Get("X-Idempotent-Replay") != "" {
		attrs = append(attrs, slog.Bool("replay", true))
	}
	attrs = append(attrs, errorAttrs(r, c)...)
	level := slog.LevelInfo
	if c.w.status >= 500 {
		level = slog.LevelError
	}
	s.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// errorAttrs returns what a log may hold of an error: rules, but no pointers, since the name of a member
// can be anything.
func errorAttrs(r *http.Request, c *call) []slog.Attr {
	var errs contact.Errors
	var one contact.Error
	switch {
	case c.err == nil:
		return nil
	case r.Context().Err() != nil:
		return []slog.Attr{slog.String("code", "client_gone")}
	case errors.As(c.err, &errs):
		rules := make([]contact.Rule, len(errs))
		for i, e := range errs {
			rules[i] = e.Rule
		}
		return []slog.Attr{slog.Any("rules", rules)}
	case errors.As(c.err, &one):
		return []slog.Attr{slog.String("code", string(one.Code))}
	}
	return []slog.Attr{slog.String("error", printable(c.err))}
}

// knownMethod keeps a client from writing into the log through its method.
func knownMethod(m string) string {
	if slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, m) {
		return m
	}
	return "other"
}

// recovered calls f and turns a panic into an error that holds where it was, and not what was passed to
// it, which may be part of a contact.
func recovered(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic with %T\n%s", v, debug.Stack())
		}
	}()
	return f()
}

// A recorder notes the status and the size of a response.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

func (w *recorder) WriteHeader(status int) {
	w.status = cmp.Or(w.status, status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
