package contacttest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
)

// A Target is a service that answers PATCH /v2/partner/contacts/{id}, and how to reach it.
type Target struct {
	// Handler is the service, or URL is where one listens, as "http://127.0.0.1:8080".
	Handler http.Handler
	URL     string
	Client  *http.Client // for URL; nil: one that gives up after ten seconds

	// Path is where contacts are, with {id} for the id; "" is the path of the contract.
	Path string

	// Put stores a contact in place of the one with its id, if there is one, and returns it as the
	// service holds it from now on: with a version of the service's own, for one. For a contact
	// that it has no way to store it returns ErrNotStored, and the suite leaves that case out.
	Put func(c *contact.Contact) (*contact.Contact, error)

	// Unstorable returns an error for an update whose values the service's database cannot hold, as
	// contacthttp.CheckPostgresColumns does for columns of PostgreSQL. nil: it holds all that the
	// contract allows. The suite wants a status from 400 to 499 for such an update, with a pointer,
	// and nothing changed.
	Unstorable func(u *contact.Update) error

	// Authorize gives a request a token of the contacts' team with these scopes.
	Authorize func(r *http.Request, scopes ...string)

	// SingleScopeToken says that Authorize knows a single token, which has the scope of an update and that
	// of reading: what needs others is left out.
	SingleScopeToken bool

	// Options are those that the service runs with.
	Options contact.Options

	// What else the service has; the suite leaves out what it has not.
	Get       bool                                    // GET and HEAD answer with the contact, for ReadScope
	ReadScope string                                  // "" is partner:contacts:read
	Keys      bool                                    // a request with a known Idempotency-Key is replayed
	Versions  bool                                    // ETag, If-Match and If-None-Match (RFC 9110 §13)
	OtherTeam func(r *http.Request, scopes ...string) // Authorize for a team that has no such contact
	Delete    func(id contact.ID) error               // deletes a contact: its keys must answer nothing then
}

// ErrNotStored is what Put returns for a contact that it has no way to store.
var ErrNotStored = errors.New("contacttest: this contact cannot be stored")

// TestHandler holds a service to the contract: one subtest for each part of it, which names its
// source. The library is the judge: what ParseUpdate and Merge say of a request is what the service
// must answer, and its contact must be afterwards. A refused request must change nothing, and no
// answer hold a submitted value. A failure prints the request as a curl command, what came and what
// should have come.
//
// It takes some thousand requests, a few hundred with -short, none of which waits, and stores
// contacts of the id of [Sample].
func TestHandler(t *testing.T, target Target) { check(testingT{t}, &target, testing.Short()) }

// A reporter is what the suite needs of a *testing.T.
type reporter interface {
	Run(name string, f func(reporter))
	Errorf(format string, args ...any)
	Failed() bool
}

type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(reporter)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}

// check runs every part that the target has, or of each some requests only.
func check(t reporter, target *Target, short bool) {
	switch {
	case (target.Handler == nil) == (target.URL == ""):
		t.Errorf("a Target has a Handler or a URL")
	case target.Put == nil || target.Authorize == nil:
		t.Errorf("a Target needs Put and Authorize")
	}
	if t.Failed() {
		return
	}
	for _, p := range parts {
		if p.needs != nil && !p.needs(target) {
			continue
		}
		t.Run(p.name, func(t reporter) {
			s := &suite{t: t, target: target, source: p.source, gen: seeded(1), short: short}
			if s.fresh() {
				p.run(s)
			}
		})
	}
}

// do sends a request to the service.
func (t *Target) do(r *http.Request) (*http.Response, error) {
	if t.Handler != nil {
		w := httptest.NewRecorder()
		t.Handler.ServeHTTP(w, r)
		return w.Result(), nil
	}
	client := t.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	return client.Do(r)
}
