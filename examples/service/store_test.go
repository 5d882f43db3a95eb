package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/stretchr/testify/require"
)

// onBoth runs a test on SQLite and on PostgreSQL, each time with an empty
// database. open opens it, as often as the test likes.
func onBoth(t *testing.T, test func(t *testing.T, open func() *sqlStore)) {
	t.Run("sqlite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "contacts #1 50%.db") // a name that a URL would misread
		test(t, func() *sqlStore { return opened(t, file, "") })
	})
	t.Run("postgres", func(t *testing.T) {
		url := postgres(t).database(t)
		test(t, func() *sqlStore { return opened(t, "", url) })
	})
}

// places are where the databases of the tests are.
var places sync.Map // *sqlStore to [2]string

// file returns the options of the command line for the store's database.
func (s *sqlStore) file(t *testing.T) (file, url string) {
	t.Helper()
	place, ok := places.Load(s)
	require.True(t, ok)
	return place.([2]string)[0], place.([2]string)[1]
}

// opened opens a database and makes its tables.
func opened(t *testing.T, file, url string) *sqlStore {
	t.Helper()
	s, err := Open(file, url)
	require.NoError(t, err)
	places.Store(s, [2]string{file, url})
	t.Cleanup(func() { s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

var clock = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const sampleKey = "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a"

// sampleStore fills a store and returns its first contact, which every test
// here changes.
func sampleStore(t *testing.T, s *sqlStore) *contact.Contact {
	t.Helper()
	contacts, tokens, err := sampleData()
	require.NoError(t, err)
	require.Len(t, contacts, 2)
	require.NotEqual(t, contacts[0].TeamID, contacts[1].TeamID)
	require.NoError(t, s.Put(t.Context(), contacts, tokens))
	return contacts[0]
}

// change is an update of c with the patch.
func change(t *testing.T, c *contact.Contact, key, patch string) Change {
	t.Helper()
	return Change{
		Team: c.TeamID, ID: c.ID, Key: key, Fingerprint: sha256.Sum256([]byte(patch)),
		Now: clock, Expires: clock.Add(keyLife),
		Merge: func(stored Document) (Document, bool, error) {
			return merge(stored, []byte(patch), contact.Condition{}, clock)
		},
	}
}

func stored(t *testing.T, s Store, c *contact.Contact) *contact.Contact {
	t.Helper()
	body, err := s.Contact(t.Context(), c.TeamID, c.ID)
	require.NoError(t, err)
	got, err := contact.ParseStored(body.Body)
	require.NoError(t, err)
	require.Equal(t, got.UpdatedAt, body.Version)
	return got
}

// answers counts the idempotency records.
func answers(t *testing.T, s *sqlStore) int {
	t.Helper()
	var n int
	require.NoError(t, s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM answers`).Scan(&n))
	return n
}

func TestStoreKeepsBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s).Clone()
		c.MetaPublic = `{"big":9007199254740993,"one":1.0,"huge":1e400,"nul":"\u0000","Ω":"\ud83d\ude00 é","b":1,"a":2}`
		require.NoError(t, s.Put(t.Context(), []*contact.Contact{c}, nil))
		body, err := open().Contact(t.Context(), c.TeamID, c.ID)
		require.NoError(t, err)
		require.Equal(t, string(c.AppendJSON(nil)), string(body.Body))
	})
}

func TestStoreUpdate(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		a, err := s.Update(t.Context(), change(t, c, "", `{"city":"Oak Park"}`))
		require.NoError(t, err)
		require.False(t, a.Replayed)

		body, err := open().Contact(t.Context(), c.TeamID, c.ID)
		require.NoError(t, err)
		require.Equal(t, string(a.Body), string(body.Body), "the answer is what is stored")
		got := stored(t, s, c)
		require.Equal(t, "Oak Park", *got.City)
		require.Equal(t, clock, got.UpdatedAt)
		var version int64
		require.NoError(t, s.db.QueryRow(`SELECT updated_at FROM contacts WHERE id = $1`, c.ID.String()).Scan(&version))
		require.Equal(t, clock.UnixMicro(), version, "column and document hold the same version")
	})
}

func TestStoreNoChange(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		a, err := s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Chicago"}`))
		require.NoError(t, err)
		require.Equal(t, string(c.AppendJSON(nil)), string(a.Body))
		require.Equal(t, c.UpdatedAt, stored(t, s, c).UpdatedAt)
		require.Equal(t, 1, answers(t, s), "a repetition is answered the same even if the contact has changed by then")
	})
}

func TestStoreFindsOnlyTheTeams(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		contacts, _, err := sampleData()
		require.NoError(t, err)
		stranger := c.Clone()
		stranger.TeamID = contacts[1].TeamID
		unknown := c.Clone()
		unknown.ID[0]++
		for _, c := range []*contact.Contact{stranger, unknown} {
			_, err = s.Contact(t.Context(), c.TeamID, c.ID)
			require.Equal(t, ErrNotFound, err)
			_, err = s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Oak Park"}`))
			require.Equal(t, ErrNotFound, err)
		}
		require.Zero(t, answers(t, s))
		require.Equal(t, "Chicago", *stored(t, s, c).City)
	})
}

func TestStoreRefusedMergeLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		_, err := s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Oak Park","updated_at":"2020-01-01T00:00:00Z"}`))
		var errs contact.Errors
		require.ErrorAs(t, err, &errs)
		require.Equal(t, contact.RuleStale, errs[0].Rule)
		require.Zero(t, answers(t, s))
		require.Equal(t, string(c.AppendJSON(nil)), string(stored(t, s, c).AppendJSON(nil)))
	})
}

func TestStoreReplays(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		first, err := s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		_, err = s.Update(t.Context(), change(t, c, "", `{"city":"Evanston"}`))
		require.NoError(t, err)

		again, err := s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, string(first.Body), string(again.Body))
		require.Equal(t, "Evanston", *stored(t, s, c).City, "a replay changes nothing")

		_, err = s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Cicero"}`))
		require.Equal(t, ErrKeyReused, err)
		require.Equal(t, "Evanston", *stored(t, s, c).City)
	})
}

func TestStoreKeysExpire(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		first := change(t, c, sampleKey, `{"city":"Oak Park"}`)
		_, err := s.Update(t.Context(), first)
		require.NoError(t, err)

		last := first
		last.Now = first.Expires.Add(-time.Microsecond)
		a, err := s.Update(t.Context(), last)
		require.NoError(t, err)
		require.True(t, a.Replayed)

		next := change(t, c, sampleKey, `{"city":"Cicero"}`)
		next.Now, next.Expires = first.Expires, first.Expires.Add(keyLife)
		a, err = s.Update(t.Context(), next)
		require.NoError(t, err, "an expired key is free for any request")
		require.False(t, a.Replayed)
		require.Equal(t, "Cicero", *stored(t, s, c).City)

		require.NoError(t, s.Expire(t.Context(), next.Expires.Add(-time.Microsecond)))
		require.Equal(t, 1, answers(t, s))
		require.NoError(t, s.Expire(t.Context(), next.Expires))
		require.Zero(t, answers(t, s))
	})
}

func TestStoreKeysAreTheTeams(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		sampleStore(t, s)
		contacts, _, err := sampleData()
		require.NoError(t, err)
		for _, c := range contacts {
			a, err := s.Update(t.Context(), change(t, c, sampleKey, `{"city":"Gary"}`))
			require.NoError(t, err)
			require.False(t, a.Replayed)
		}
	})
}

// The merge of one writer is interrupted by another writer, through a second
// connection, so the first one loses the race.
func TestStoreLostRace(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s, other := open(), open()
		c := sampleStore(t, s)
		interrupted := func(patch string) (Change, *int) {
			ch := change(t, c, sampleKey, patch)
			merge, calls := ch.Merge, new(int)
			ch.Merge = func(stored Document) (Document, bool, error) {
				if *calls++; *calls == 1 {
					_, err := other.Update(t.Context(), change(t, c, "", fmt.Sprintf(`{"state":%q}`, patch)))
					require.NoError(t, err)
				}
				return merge(stored)
			}
			return ch, calls
		}

		withVersion, calls := interrupted(`{"city":"Oak Park","updated_at":"` + c.UpdatedAt.Format(time.RFC3339Nano) + `"}`)
		_, err := s.Update(t.Context(), withVersion)
		var errs contact.Errors
		require.ErrorAs(t, err, &errs)
		require.Equal(t, contact.RuleStale, errs[0].Rule)
		require.Equal(t, 2, *calls)
		require.Equal(t, "Chicago", *stored(t, s, c).City)
		require.Zero(t, answers(t, s), "the record of the first attempt went with it")

		without, calls := interrupted(`{"city":"Oak Park"}`)
		a, err := s.Update(t.Context(), without)
		require.NoError(t, err)
		require.False(t, a.Replayed)
		require.Equal(t, 2, *calls)
		got := stored(t, s, c)
		require.Equal(t, "Oak Park", *got.City)
		require.Equal(t, `{"city":"Oak Park"}`, *got.State, "the other writer's change is there as well")
		require.Equal(t, 1, answers(t, s))
	})
}

// One key on two contacts at once: neither writer holds up the other, so it is
// the record of the key that tells.
func TestStoreSameKeyOnTwoContacts(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s, other := open(), open()
		c := sampleStore(t, s)
		second := c.Clone()
		second.ID[15]++
		require.NoError(t, s.Put(t.Context(), []*contact.Contact{second}, nil))

		ch := change(t, c, sampleKey, `{"city":"Oak Park"}`)
		merge, calls := ch.Merge, 0
		ch.Merge = func(stored Document) (Document, bool, error) {
			if calls++; calls == 1 {
				_, err := other.Update(t.Context(), change(t, second, sampleKey, `{"city":"Cicero"}`))
				require.NoError(t, err)
			}
			return merge(stored)
		}
		_, err := s.Update(t.Context(), ch)
		require.Equal(t, ErrKeyReused, err)
		require.Equal(t, "Chicago", *stored(t, s, c).City, "the update went with its record")
		require.Equal(t, "Cicero", *stored(t, s, second).City)
		require.Equal(t, 1, answers(t, s))
	})
}

func TestStoreSameKeyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		const n = 16
		got := make([]Answer, n)
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			ch := change(t, c, sampleKey, `{"city":"Oak Park"}`)
			wg.Go(func() { got[i], errs[i] = s.Update(t.Context(), ch) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		applied := 0
		for _, a := range got {
			require.Equal(t, string(got[0].Body), string(a.Body))
			if !a.Replayed {
				applied++
			}
		}
		require.Equal(t, 1, applied)
		require.Equal(t, clock, stored(t, s, c).UpdatedAt, "one version later, not more")
	})
}

func TestStoreSurvivesCancelledRequests(t *testing.T) {
	test := func(t *testing.T, s *sqlStore) {
		c := sampleStore(t, s)
		for i := range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			ch := change(t, c, "", fmt.Sprintf(`{"city":"%d"}`, i))
			merge := ch.Merge
			ch.Merge = func(b Document) (Document, bool, error) { cancel(); return merge(b) }
			_, err := s.Update(ctx, ch)
			require.Error(t, err)
		}
		require.Equal(t, "Chicago", *stored(t, s, c).City)
		_, err := s.Update(t.Context(), change(t, c, "", `{"city":"Oak Park"}`))
		require.NoError(t, err)
	}
	onBoth(t, func(t *testing.T, open func() *sqlStore) { test(t, open()) })
	t.Run("in memory", func(t *testing.T) { test(t, opened(t, "", "")) })
}

func TestStoreTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		bearer, want := makeToken(c.TeamID, []string{"partner:contacts:*", "partner:journeys:read"}, clock, clock.Add(time.Hour))
		require.NoError(t, s.Put(t.Context(), nil, []Token{want}))
		got, err := s.Token(t.Context(), want.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		_, err = s.Token(t.Context(), "nobody")
		require.Equal(t, ErrNotFound, err)

		// Nothing in the database lets its reader act as the client.
		_, secret, _ := strings.Cut(bearer, ".")
		rows, err := s.db.Query(`SELECT id || hash || team_id || scopes FROM tokens`)
		require.NoError(t, err)
		defer rows.Close()
		n := 0
		for ; rows.Next(); n++ {
			var row string
			require.NoError(t, rows.Scan(&row))
			require.NotContains(t, row, secret)
		}
		require.NoError(t, rows.Err())
		require.Equal(t, 4, n)

		_, err = s.db.Exec(`UPDATE tokens SET hash = ''`)
		require.NoError(t, err)
		_, err = s.Token(t.Context(), want.ID)
		require.Error(t, err)
		require.False(t, errors.Is(err, sql.ErrNoRows))
	})
}
