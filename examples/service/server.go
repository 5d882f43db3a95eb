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
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/felixge/httpsnoop"
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
	bodies   *budget
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
	if s.bodies == nil {
		s.bodies = newBudget()
	}
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
	mux.Handle("/healthz", s.static(text(`{"status":"ok"}`))) // asks no database: to start the service again would not help one
	mux.Handle("/readyz", s.static(s.ready))
	mux.Handle("/openapi.json", s.static(text(schema.OpenAPI)))
	for route, file := range form {
		mux.Handle(route, s.static(file.serve))
	}
	unknown := func(w http.ResponseWriter, r *http.Request) {
		s.api.WriteError(w, r, contact.NewServiceError(http.StatusNotFound, "not_found", "Not found", "Check the path: nothing is served there."))
	}
	mux.HandleFunc("/", unknown)
	return s.wrap(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect from //a to /a, and answer * itself.
		p := r.URL.Path
		if clean := path.Clean(p); !strings.HasPrefix(p, "/") || clean != p && clean+"/" != p {
			unknown(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
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

func text(body string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(body)) // if it fails, nobody is listening
		return nil
	}
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
	return text(`{"status":"ready"}`)(w, r)
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
	c := callOf(r.Context())
	c.token, c.body = token, s.bodies.meter(c.w, r.Body, token.Team)
	r.Body = c.body
	return context.WithValue(r.Context(), tokenKey{}, token), token.Scopes, nil
}

// A call is what a request leaves for its line in the log.
type call struct {
	w     http.ResponseWriter // of net/http
	token Token
	body  *meter // of a request with a token
	err   error
}

type callKey struct{}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// wrap gives all routes a request id, a span, a line in the log without personal data, and an answer
// after a panic.
func (s *Service) wrap(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, request := &call{w: w}, rand.Text()
		ctx, span := startSpan(r)
		defer span.End()
		r = r.WithContext(context.WithValue(ctx, callKey{}, c))
		w.Header().Set("X-Request-Id", request)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		var m httpsnoop.Metrics
		m.CaptureMetrics(w, func(w http.ResponseWriter) {
			err := recovered(func() error { next(w, r); return nil })
			if err == nil {
				return
			}
			if c.err = err; m.Code == 0 && m.Written == 0 { // an answer that has begun cannot be taken back
				s.api.WriteError(w, r, err)
			}
		})
		m.Code = cmp.Or(m.Code, http.StatusOK)
		if c.body != nil {
			c.body.release()
		}
		s.log(r, c, request, m, span)
	})
}

func (s *Service) log(r *http.Request, c *call, request string, m httpsnoop.Metrics, span trace.Span) {
	method, route := knownMethod(r.Method), r.Pattern // never the URL: it names a contact
	requestSeconds.WithLabelValues(method, route, strconv.Itoa(m.Code)).Observe(m.Duration.Seconds())
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", m.Code))
	attrs := []slog.Attr{
		slog.String("request", request), slog.String("method", method), slog.String("route", route),
		slog.Int("status", m.Code), slog.Int64("bytes", m.Written),
		slog.Float64("took_ms", float64(m.Duration.Microseconds())/1000),
	}
	if at := span.SpanContext(); at.HasTraceID() {
		attrs = append(attrs, slog.String("trace", at.TraceID().String()))
	}
	if c.token.ID != "" {
		attrs = append(attrs, slog.String("team", c.token.Team.String()), slog.String("token", c.token.ID))
	}
	if c.w.Header().Get("X-Idempotent-Replay") != "" {
		attrs = append(attrs, slog.Bool("replay", true))
	}
	level := slog.LevelInfo
	if m.Code >= 500 {
		level = slog.LevelError
	}
	s.Log.LogAttrs(r.Context(), level, "request", append(attrs, errorAttrs(r, c.err)...)...)
}

// errorAttrs returns what a log may hold of an error: rules, but no pointers, since the name of a member
// can be anything.
func errorAttrs(r *http.Request, err error) []slog.Attr {
	var errs contact.Errors
	var one contact.Error
	switch {
	case err == nil:
		return nil
	case r.Context().Err() != nil:
		return []slog.Attr{slog.String("code", "client_gone")}
	case errors.As(err, &errs):
		rules := make([]contact.Rule, len(errs))
		for i, e := range errs {
			rules[i] = e.Rule
		}
		return []slog.Attr{slog.Any("rules", rules)}
	case errors.As(err, &one):
		return []slog.Attr{slog.String("code", string(one.Code))}
	}
	return []slog.Attr{slog.String("error", printable(err))}
}

// knownMethod keeps a client from writing into the log through its method.
func knownMethod(m string) string {
	if slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, m) {
		return m
	}
	return "_OTHER" // as OpenTelemetry has it
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
