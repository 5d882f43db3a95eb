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
	// Handler is the service. If it is nil, URL is the address of a running one, such as
	// "http://127.0.0.1:8080".
	Handler http.Handler
	URL     string
	Client  *http.Client // for URL; nil is a client with a timeout of ten seconds

	// Path is the path of a contact, with {id} for the id. If empty, it is the path of the contract.
	Path string

	// Put stores a contact, replacing the one with its id if there is one. It returns the contact as
	// stored, for example with a version that the service has set. If the service cannot store the
	// contact, Put returns ErrNotStored, and the suite leaves that case out.
	Put func(c *contact.Contact) (*contact.Contact, error)

	// Unstorable returns an error for an update with values that the service's database cannot hold,
	// as contacthttp.CheckPostgresColumns does for columns of PostgreSQL. For such an update the
	// suite expects a status from 400 to 499, a pointer, and an unchanged contact. If Unstorable is
	// nil, the database can hold all values that the contract allows.
	Unstorable func(u *contact.Update) error

	// Authorize adds a token of the contacts' team with these scopes to a request.
	Authorize func(r *http.Request, scopes ...string)

	// SingleScopeToken is true if Authorize always adds the same token, with the scopes of updating and
	// of reading. Cases that need other scopes are left out.
	SingleScopeToken bool

	// Options are the options of the service.
	Options contact.Options

	// Optional features of the service. The suite leaves out the parts of those not set.
	Get       bool                                    // GET and HEAD answer with the contact, for ReadScope
	ReadScope string                                  // if empty, partner:contacts:read
	Keys      bool                                    // a request with a known Idempotency-Key is replayed
	Versions  bool                                    // ETag, If-Match and If-None-Match (RFC 9110 §13)
	OtherTeam func(r *http.Request, scopes ...string) // Authorize for a team that has no such contact
	Delete    func(id contact.ID) error               // deletes a contact, after which its keys must not replay a response
}

// ErrNotStored is returned by Put for a contact that the service cannot store.
var ErrNotStored = errors.New("contacttest: this contact cannot be stored")

// TestHandler checks that a service keeps the contract. It runs one subtest for each part, which names
// its source. The expected responses, and the expected contact after each, are those of ParseUpdate and
// Merge. An invalid request must change nothing, and no error response may contain a submitted value. A
// failure prints the request as a curl command, the response and the expected response.
//
// TestHandler sends some thousand requests, or a few hundred with -short, without waiting in between.
// It stores contacts with the id of [Sample].
func TestHandler(t *testing.T, target Target) { check(testingT{t}, &target, testing.Short()) }

// A reporter has the methods of *testing.T that the suite uses.
type reporter interface {
	Run(name string, f func(reporter))
	Errorf(format string, args ...any)
	Failed() bool
}

type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(reporter)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}

// check runs every part that the target supports. If short is true, each part sends fewer requests.
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
