package contacttest_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// contacts is a store in memory. Its lock is its transaction.
type contacts struct {
	sync.Mutex
	documents map[contact.ID][]byte
}

func (s *contacts) Load(_ context.Context, id contact.ID) ([]byte, error) {
	s.Lock()
	defer s.Unlock()
	if document := s.documents[id]; document != nil {
		return document, nil
	}
	return nil, contacthttp.ErrNotFound
}

func (s *contacts) Update(_ context.Context, id contact.ID, _ string, merge contacthttp.MergeFunc) error {
	s.Lock()
	defer s.Unlock()
	document := s.documents[id]
	if document == nil {
		return contacthttp.ErrNotFound
	}
	revision, err := merge(contacthttp.Stored{Document: document})
	if err == nil {
		s.documents[id] = revision.Document
	}
	return err
}

// routes serves GET and PATCH /v2/partner/contacts/{id}.
func routes(s contacthttp.Store) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v2/partner/contacts/{id}", &contacthttp.Handler{
		Store: s,
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), strings.Fields(r.Header.Get("X-Scopes")), nil // of the token
		},
	})
	return mux
}

func TestContacts(t *testing.T) {
	s := &contacts{documents: map[contact.ID][]byte{}}
	contacttest.TestHandler(t, contacttest.Target{
		Handler:  routes(s),
		Get:      true,
		Versions: true, // ETag and If-Match
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			s.documents[c.ID] = c.AppendJSON(nil)
			return c, nil
		},
		Authorize: func(r *http.Request, scopes ...string) {
			r.Header.Set("X-Scopes", strings.Join(scopes, " "))
		},
	})
}

// TestPage: docs/handlers.md shows this very file, and nothing else has to be written.
func TestPage(t *testing.T) {
	source, err := os.ReadFile("handler_test.go")
	require.NoError(t, err)
	text := string(source)
	code := text[strings.Index(text, "// contacts is a store"):strings.Index(text, "// TestPage:")]
	page, err := os.ReadFile("../docs/handlers.md")
	require.NoError(t, err)
	before, test, _ := strings.Cut(strings.TrimSpace(code), "\n\nfunc TestContacts")
	require.True(t, strings.Contains(string(page), before))
	require.True(t, strings.Contains(string(page), "func TestContacts"+test))
}

// TestUnstorable: a service that cannot hold a value refuses it, and says so to the suite.
func TestUnstorable(t *testing.T) {
	s := &contacts{documents: map[contact.ID][]byte{}}
	h := &contacthttp.Handler{
		Store: s, Check: contacthttp.CheckJSONB,
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), strings.Fields(r.Header.Get("X-Scopes")), nil
		},
	}
	contacttest.TestHandler(t, contacttest.Target{
		Handler: h, Get: true, Unstorable: contacthttp.CheckJSONB,
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			s.documents[c.ID] = c.AppendJSON(nil)
			return c, nil
		},
		Authorize: func(r *http.Request, scopes ...string) { r.Header.Set("X-Scopes", strings.Join(scopes, " ")) },
	})
}
