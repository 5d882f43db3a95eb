package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

// TestContract: the service answers as the library says, part by part, on both databases.
func TestContract(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		store := open()
		url, _ := serve(t, store, func(s *Service, _ *http.Server) { s.Now = time.Now })
		sample, err := contact.ParseStored(contacttest.Sample())
		require.NoError(t, err)
		var bearers sync.Map // by team and scopes
		as := func(team contact.ID) func(*http.Request, ...string) {
			return func(r *http.Request, scopes ...string) {
				name := team.String() + " " + strings.Join(scopes, " ")
				bearer, known := bearers.Load(name)
				if !known {
					now := time.Now()
					made, token := makeToken(team, scopes, now, now.Add(time.Hour))
					store.put(t, nil, token)
					bearer, _ = bearers.LoadOrStore(name, made)
				}
				r.Header.Set("Authorization", "Bearer "+bearer.(string))
			}
		}
		contacttest.TestHandler(t, contacttest.Target{
			URL: url,
			Put: func(c *contact.Contact) (*contact.Contact, error) {
				store.put(t, []*contact.Contact{c})
				return c, nil
			},
			Delete: func(id contact.ID) error {
				_, err := store.db.Exec(`DELETE FROM contacts WHERE id = $1`, id.String())
				return err
			},
			Authorize: as(sample.TeamID),
			OtherTeam: as(contact.ID{0: 1, 6: 0x40, 8: 0x80}),
			Options:   library,
			Get:       true,
			Keys:      true,
			Versions:  true,
		})
	})
}
