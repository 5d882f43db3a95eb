package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
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
	s, err := Open(file, url, true)
	require.NoError(t, err)
	places.Store(s, [2]string{file, url})
	t.Cleanup(func() { s.Close() })
	require.NoError(t, s.Migrate(t.Context()))
	s.now = func() time.Time { return clock }
	return s
}

var clock = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const sampleKey = "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a"

// sampleStore fills a store and returns its first contact, which every test
// here changes.
func sampleStore(t *testing.T, s *sqlStore) *contact.Contact {
	t.Helper()
	contacts, tokens := sampleData()
	require.Len(t, contacts, 2)
	require.NotEqual(t, contacts[0].TeamID, contacts[1].TeamID)
	s.put(t, contacts, tokens...)
	return contacts[0]
}

const (
	retryAfter = "1"
	maxBody    = 1 << 20
)

// put stores contacts and tokens in place of those with the same ids.
func (s *sqlStore) put(t *testing.T, contacts []*contact.Contact, tokens ...Token) {
	t.Helper()
	for _, c := range contacts {
		_, err := s.db.ExecContext(t.Context(), `DELETE FROM contacts WHERE id = $1`, c.ID.String())
		require.NoError(t, err)
	}
	_, err := s.Insert(t.Context(), contacts, tokens)
	require.NoError(t, err)
}

// A Change is an update of a contact with a patch.
type Change struct {
	c          *contact.Contact
	key, patch string
	ctx        context.Context
	during     func() // is called with the contact that was read, before it is written
}

func change(c *contact.Contact, key, patch string) Change {
	return Change{c: c, key: key, patch: patch}
}

// apply applies a change as the service does.
func apply(t *testing.T, s *sqlStore, ch Change) (contacthttp.Revision, error) {
	u, err := library.ParseUpdate(contact.UpdateRequest{
		PathID: ch.c.ID.String(), Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json",
		IdempotencyKey: ch.key, Body: []byte(ch.patch),
	})
	if err != nil {
		return contacthttp.Revision{}, err
	}
	if ch.ctx == nil {
		ch.ctx = t.Context()
	}
	return contacthttp.Apply(asTeam(ch.ctx, ch.c.TeamID), during{s, ch.during}, u, clock)
}

// during calls something in the middle of each update.
type during struct {
	*sqlStore
	call func()
}

func (d during) Update(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	return d.sqlStore.Update(ctx, id, key, func(s contacthttp.Stored) (contacthttp.Revision, error) {
		if d.call != nil {
			d.call()
		}
		return merge(s)
	})
}

// read returns a team's contact.
func read(t *testing.T, s Database, team, id contact.ID) ([]byte, error) {
	t.Helper()
	return s.Load(asTeam(t.Context(), team), id)
}

// asTeam is the context of a request with a sample token of the team's.
func asTeam(ctx context.Context, team contact.ID) context.Context {
	id := "sample-other-team"
	if team.String() == sampleTeam {
		id = "sample-write"
	}
	return context.WithValue(ctx, tokenKey{}, Token{ID: id, Team: team})
}

func stored(t *testing.T, s Database, c *contact.Contact) *contact.Contact {
	t.Helper()
	body, err := read(t, s, c.TeamID, c.ID)
	require.NoError(t, err)
	got, err := contact.ParseStored(body)
	require.NoError(t, err)
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
		s.put(t, []*contact.Contact{c})
		body, err := read(t, open(), c.TeamID, c.ID)
		require.NoError(t, err)
		require.Equal(t, string(c.AppendJSON(nil)), string(body))
	})
}

func TestStoreUpdate(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		a, err := apply(t, s, change(c, "", `{"city":"Oak Park"}`))
		require.NoError(t, err)
		require.False(t, a.Replayed)

		body, err := read(t, open(), c.TeamID, c.ID)
		require.NoError(t, err)
		require.Equal(t, string(a.Document), string(body), "the answer is what is stored")
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
		a, err := apply(t, s, change(c, sampleKey, `{"city":"Chicago"}`))
		require.NoError(t, err)
		require.Equal(t, string(c.AppendJSON(nil)), string(a.Document))
		require.Equal(t, c.UpdatedAt, stored(t, s, c).UpdatedAt)
		require.Equal(t, 1, answers(t, s), "a repetition is answered the same even if the contact has changed by then")
	})
}

func TestStoreFindsOnlyTheTeams(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		contacts, _ := sampleData()
		stranger := c.Clone()
		stranger.TeamID = contacts[1].TeamID
		unknown := c.Clone()
		unknown.ID[0]++
		for _, c := range []*contact.Contact{stranger, unknown} {
			_, err := read(t, s, c.TeamID, c.ID)
			require.ErrorIs(t, err, contacthttp.ErrNotFound)
			_, err = apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
			require.ErrorIs(t, err, contacthttp.ErrNotFound)
		}
		require.Zero(t, answers(t, s))
		require.Equal(t, "Chicago", *stored(t, s, c).City)
	})
}

func TestStoreRefusedMergeLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		_, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park","updated_at":"2020-01-01T00:00:00Z"}`))
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
		first, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		_, err = apply(t, s, change(c, "", `{"city":"Evanston"}`))
		require.NoError(t, err)

		again, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, string(first.Document), string(again.Document))
		require.Equal(t, "Evanston", *stored(t, s, c).City, "a replay changes nothing")

		_, err = apply(t, s, change(c, sampleKey, `{"city":"Cicero"}`))
		require.ErrorIs(t, err, contacthttp.ErrKeyUsed)
		require.Equal(t, "Evanston", *stored(t, s, c).City)
	})
}

func TestStoreKeysExpire(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		at := func(after time.Duration) { s.now = func() time.Time { return clock.Add(after) } }
		_, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		at(keyLife - time.Microsecond)
		a, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		require.True(t, a.Replayed)

		at(keyLife)
		a, err = apply(t, s, change(c, sampleKey, `{"city":"Cicero"}`))
		require.NoError(t, err, "an expired key is free for any request")
		require.False(t, a.Replayed)
		require.Equal(t, "Cicero", *stored(t, s, c).City)

		at(2*keyLife - time.Microsecond)
		require.NoError(t, s.Sweep(t.Context()))
		require.Equal(t, 1, answers(t, s))
		at(2 * keyLife)
		require.NoError(t, s.Sweep(t.Context()))
		require.Zero(t, answers(t, s))
	})
}

func TestStoreKeysAreTheTeams(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		sampleStore(t, s)
		contacts, _ := sampleData()
		for _, c := range contacts {
			a, err := apply(t, s, change(c, sampleKey, `{"city":"Gary"}`))
			require.NoError(t, err)
			require.False(t, a.Replayed)
		}
	})
}

// The merge of one writer is interrupted by another writer, through a second connection, so the first
// one loses the race. SQLite has no such race: a transaction holds its write lock from the start.
func TestStoreLostRace(t *testing.T) {
	dsn := postgres(t).database(t)
	s, other := opened(t, "", dsn), opened(t, "", dsn)
	c := sampleStore(t, s)
	interrupted := func(patch string) (Change, *int) {
		ch, calls := change(c, sampleKey, patch), new(int)
		ch.during = func() {
			if *calls++; *calls == 1 {
				_, err := apply(t, other, change(c, "", fmt.Sprintf(`{"state":%q}`, patch)))
				require.NoError(t, err)
			}
		}
		return ch, calls
	}

	withVersion, calls := interrupted(`{"city":"Oak Park","updated_at":"` + c.UpdatedAt.Format(time.RFC3339Nano) + `"}`)
	_, err := apply(t, s, withVersion)
	var errs contact.Errors
	require.ErrorAs(t, err, &errs)
	require.Equal(t, contact.RuleStale, errs[0].Rule)
	require.Equal(t, 2, *calls)
	require.Equal(t, "Chicago", *stored(t, s, c).City)
	require.Zero(t, answers(t, s), "the record of the first attempt went with it")

	without, calls := interrupted(`{"city":"Oak Park"}`)
	a, err := apply(t, s, without)
	require.NoError(t, err)
	require.False(t, a.Replayed)
	require.Equal(t, 2, *calls)
	got := stored(t, s, c)
	require.Equal(t, "Oak Park", *got.City)
	require.Equal(t, `{"city":"Oak Park"}`, *got.State, "the other writer's change is there as well")
	require.Equal(t, 1, answers(t, s))

	// The other writer was the same client, with the same request.
	for _, patch := range []string{`{"city":"Gary"}`, `{}`} {
		again, calls := change(c, keyOf(len(patch)), patch), 0
		again.during = func() {
			if calls++; calls == 1 {
				_, err := apply(t, other, change(c, keyOf(len(patch)), patch))
				require.NoError(t, err)
			}
		}
		a, err = apply(t, s, again)
		require.NoError(t, err)
		require.True(t, a.Replayed)
	}
}

// One key on two contacts is two keys, as it is for two teams.
func TestStoreSameKeyOnTwoContacts(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		second := c.Clone()
		second.ID[15]++
		s.put(t, []*contact.Contact{second})
		for _, c := range []*contact.Contact{c, second} {
			a, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
			require.NoError(t, err)
			require.False(t, a.Replayed)
		}
		require.Equal(t, 2, answers(t, s))
	})
}

// A key goes with its contact.
func TestStoreDeletedContact(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		_, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
		require.NoError(t, err)
		_, err = s.db.Exec(`DELETE FROM contacts WHERE id = $1`, c.ID.String())
		require.NoError(t, err)
		require.Zero(t, answers(t, s))
		_, err = apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
		require.ErrorIs(t, err, contacthttp.ErrNotFound)
	})
}

func TestStoreSameKeyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		const n = 16
		got := make([]contacthttp.Revision, n)
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { got[i], errs[i] = apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`)) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		applied := 0
		for _, a := range got {
			require.Equal(t, string(got[0].Document), string(a.Document))
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
			ch := change(c, "", fmt.Sprintf(`{"city":"%d"}`, i))
			ch.ctx, ch.during = ctx, cancel
			_, err := apply(t, s, ch)
			require.Error(t, err)
		}
		require.Equal(t, "Chicago", *stored(t, s, c).City)
		_, err := apply(t, s, change(c, "", `{"city":"Oak Park"}`))
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
		s.put(t, nil, want)
		got, err := s.Token(t.Context(), want.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		_, err = s.Token(t.Context(), "nobody")
		require.ErrorIs(t, err, contacthttp.ErrUnauthorized)

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
		_, err = open().Token(t.Context(), want.ID)
		require.Error(t, err)
		require.False(t, errors.Is(err, sql.ErrNoRows))
	})
}
