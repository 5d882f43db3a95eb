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

// Save is that of [contacthttp.Store].
func (s *Store) Save(_ context.Context, c contacthttp.Revision) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	stored, err := contact.ParseStored(s.documents[c.ID])
	if err != nil {
		return err
	}
	if !stored.UpdatedAt.Equal(c.Seen) {
		return contacthttp.ErrConflict
	}
	s.documents[c.ID] = c.Document
	return nil
}

// Handler answers updates over the store; the request's token is its scopes.
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
