package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/partner-contacts/contact"
)

// problem is an error of the service's own, beside those of the library.
type problem struct {
	status int
	entry  contact.Error
}

func (p *problem) Error() string { return string(p.entry.Code) }

// newProblem makes a problem; header is that of the request which is at fault, if one is.
func newProblem(status int, code contact.Code, title, detail, header string) *problem {
	p := &problem{status, contact.NewServiceError(status, code, title, detail)}
	p.entry.Header = header
	return p
}

var (
	errRequest      = newProblem(http.StatusBadRequest, "malformed_request", "Malformed request", "Send a well-formed HTTP request.", "")
	errUnauthorized = newProblem(http.StatusUnauthorized, "unauthorized", "Authentication required", "Send a valid token in the header Authorization, after the word Bearer.", "Authorization")
	errMethod       = newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed", "Use a method that the Allow header of this response lists.", "")
	errTimeout      = newProblem(http.StatusRequestTimeout, "request_timeout", "Request timeout", "Send the request again, and faster.", "")
	errInternal     = newProblem(http.StatusInternalServerError, "internal_error", "Internal error", "Report this with the request id: the request itself was in order.", "")
	errUnavailable  = newProblem(http.StatusServiceUnavailable, "service_unavailable", "Service unavailable", "Send the request again after a moment, with the same Idempotency-Key.", "")
)

// fail answers with the envelope and returns what may be logged of the error.
func (s *Service) fail(w *recorder, r *http.Request, request string, err error) []slog.Attr {
	answer := func(errs contact.Errors) {
		for i := range errs {
			errs[i].Meta.RequestID = request
		}
		w.answer(errs.Status(), errs.AppendJSON(nil))
	}
	var errs contact.Errors
	if errors.As(err, &errs) {
		errs = slices.Clone(errs)
		for _, e := range errs {
			switch {
			case e.Meta.RequiredScope != "":
				w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+e.Meta.RequiredScope+`"`)
			case e.Header == "Content-Encoding":
				w.Header().Set("Accept-Encoding", "identity") // RFC 9110 §12.5.3
			}
		}
		answer(errs)
		return []slog.Attr{slog.Any("rules", rulesOf(errs))}
	}
	var p *problem
	code := ""
	switch {
	case errors.As(err, &p):
	case r.Context().Err() != nil:
		p, code = errRequest, "client_gone" // nobody reads the answer
	default:
		p = errUnavailable
	}
	attrs := []slog.Attr{slog.String("code", p.Error())}
	if code != "" {
		attrs[0].Value = slog.StringValue(code)
	}
	switch p.status {
	case http.StatusUnauthorized: // RFC 6750 §3.1: no error where there was no token
		challenge := "Bearer"
		if r.Header["Authorization"] != nil {
			challenge += ` error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	}
	if p.status >= 500 {
		attrs = append(attrs, slog.String("error", printable(err)))
	}
	answer(contact.Errors{p.entry})
	return attrs
}

// rulesOf is what a log may hold of the library's errors: no pointers, because anything can be in
// the name of a member.
func rulesOf(errs contact.Errors) []contact.Rule {
	rules := make([]contact.Rule, len(errs))
	for i, e := range errs {
		rules[i] = e.Rule
	}
	return rules
}

// printable is the text of an internal error without the values that PostgreSQL quotes in its
// messages.
func printable(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return "SQLSTATE " + pg.Code
	}
	return err.Error()
}

// recovered calls f and turns a panic into an error that holds where it was, and not what was
// passed to it, which may be part of a contact.
func recovered(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: panic with %T\n%s", errInternal, v, debug.Stack())
		}
	}()
	return f()
}
