// Package memory is a store of contacts for the tests of the examples.
package memory

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// A Store has contacts by their ids. The zero value is empty.
type Store struct {
	mutex     sync.Mutex
	documents map[contact.ID][]byte
}

// Load is that of [contacthttp.Store].
func (s *Store) Load(_ context.Context, id contact.ID) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if document, ok := s.documents[id]; ok {
		return document, nil
	}
	return nil, contacthttp.ErrNotFound
}

// Update is that of [contacthttp.Store]. The lock is its transaction.
func (s *Store) Update(_ context.Context, id contact.ID, _ string, merge contacthttp.MergeFunc) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	document, ok := s.documents[id]
	if !ok {
		return contacthttp.ErrNotFound
	}
	r, err := merge(contacthttp.Stored{Document: document})
	if err == nil {
		s.documents[id] = r.Document
	}
	return err
}

// Handler answers over the store; the request's token is its scopes.
func (s *Store) Handler() *contacthttp.Handler {
	return &contacthttp.Handler{
		Store: s,
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), strings.Fields(r.Header.Get("X-Scopes")), nil
		},
	}
}

// Target is a server of the store's handler, for the suite that holds it to the contract.
func (s *Store) Target(server http.Handler) contacttest.Target {
	return contacttest.Target{
		Handler: server, Versions: true,
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			if s.documents == nil {
				s.documents = map[contact.ID][]byte{}
			}
			s.documents[c.ID] = c.AppendJSON(nil)
			return c, nil
		},
		Authorize: func(r *http.Request, scopes ...string) { r.Header.Set("X-Scopes", strings.Join(scopes, " ")) },
	}
}
