package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/partner-contacts/contact"
	"github.com/stretchr/testify/require"
)

func keyOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n) }

// TestDocumentLimit: a contact does not grow without end, and one that is over the limit already can
// still be made smaller or changed.
func TestDocumentLimit(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		url, _ := serve(t, s)
		half := strings.Repeat("x", maxDocument/2)
		resp, _ := request(t, "PATCH", url+samplePath, writeToken, `{"address":"`+half+`"}`)
		require.Equal(t, 200, resp.StatusCode)
		resp, body := request(t, "PATCH", url+samplePath, writeToken, `{"address2":"`+half+`"}`)
		require.Equal(t, 422, resp.StatusCode)
		code, rule, source := oneError(t, body)
		require.Equal(t, []string{"validation_failed", "size", ""}, []string{code, rule, source})

		large := c.Clone()
		address := strings.Repeat("x", maxDocument)
		large.Address = &address
		require.NoError(t, s.Put(t.Context(), []*contact.Contact{large}, nil))
		for _, tt := range []struct {
			patch  string
			status int
		}{{`{"city":"Rome"}`, 200}, {`{"city":"Constantinople"}`, 422}, {`{}`, 200}, {`{"state":null}`, 200}} {
			resp, _ := request(t, "PATCH", url+samplePath, writeToken, tt.patch)
			require.Equal(t, tt.status, resp.StatusCode, tt.patch)
		}
	})
}

// TestAnswersAreStoredOnce: requests that change nothing share one stored version.
func TestAnswersAreStoredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		for i := range 20 {
			_, err := s.Update(t.Context(), change(t, c, keyOf(i), `{}`))
			require.NoError(t, err)
		}
		_, err := s.Update(t.Context(), change(t, c, keyOf(20), `{"city":"Gary"}`))
		require.NoError(t, err)
		_, err = s.Update(t.Context(), change(t, c, keyOf(21), `{"city":"Gary"}`))
		require.NoError(t, err)
		require.Equal(t, 22, answers(t, s))
		var versions int
		require.NoError(t, s.db.QueryRow(`SELECT count(*) FROM versions`).Scan(&versions))
		require.Equal(t, 2, versions)

		a, err := s.Update(t.Context(), change(t, c, keyOf(7), `{}`))
		require.NoError(t, err)
		require.True(t, a.Replayed)
		require.Equal(t, string(c.AppendJSON(nil)), string(a.Body), "the answer of that time")
	})
}

// TestQuota: a team has so many keys, and those that it has are answered still.
func TestQuota(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		s.MaxKeys = 3
		sampleStore(t, s)
		url, _ := serve(t, s)
		for i := range 3 {
			resp, _ := request(t, "PATCH", url+samplePath, writeToken, `{}`, "Idempotency-Key", keyOf(i))
			require.Equal(t, 200, resp.StatusCode)
		}
		resp, body := request(t, "PATCH", url+samplePath, writeToken, `{"city":"Gary"}`, "Idempotency-Key", keyOf(3))
		require.Equal(t, 429, resp.StatusCode)
		require.NotEmpty(t, resp.Header.Get("Retry-After"))
		code, _, source := oneError(t, body)
		require.Equal(t, []string{"too_many_keys", "Idempotency-Key"}, []string{code, source})

		resp, _ = request(t, "PATCH", url+samplePath, writeToken, `{}`, "Idempotency-Key", keyOf(2))
		require.Equal(t, "true", resp.Header.Get("X-Idempotent-Replay"))
		resp, _ = request(t, "PATCH", url+samplePath, writeToken, `{"city":"Gary"}`)
		require.Equal(t, 200, resp.StatusCode, "without a key")
		resp, _ = request(t, "PATCH", url+"/v2/partner/contacts/5d3c2b1a-0f9e-4d8c-a7b6-95a4b3c2d1e0", otherToken, `{}`, "Idempotency-Key", keyOf(3))
		require.Equal(t, 200, resp.StatusCode, "another team")
	})
}

// TestExpireGivesWay: after each batch whoever waits for a connection gets it.
func TestExpireGivesWay(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		s.all.width = 1 // PostgreSQL has more
		const rows = 3*expireBatch + 1
		_, err := s.db.Exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + fmt.Sprint(rows) + `)
			INSERT INTO answers SELECT 'team', 'key' || i, '', '', 0, 0 FROM n`)
		require.NoError(t, err)
		waiting := func(n int) {
			require.Eventually(t, func() bool {
				s.all.mu.Lock()
				defer s.all.mu.Unlock()
				return s.all.open[struct{}{}].users == n
			}, 5*time.Second, time.Millisecond)
		}
		first, err := s.turn(t.Context())
		require.NoError(t, err)
		expired := make(chan error, 1)
		go func() { expired <- s.Expire(t.Context(), clock) }()
		waiting(2)
		left := make(chan int, 1)
		go func() {
			done, err := s.turn(context.Background())
			if err == nil {
				var n int
				if s.db.QueryRow(`SELECT count(*) FROM answers`).Scan(&n) == nil {
					left <- n
				}
				done()
			}
			close(left)
		}()
		waiting(3)
		first()
		require.Equal(t, rows-expireBatch, <-left)
		require.NoError(t, <-expired)
		require.Zero(t, answers(t, s))
	})
}

// TestLockedRow: one contact that somebody holds in the database holds up nobody else.
func TestLockedRow(t *testing.T) {
	s := opened(t, "", postgres(t).database(t))
	sampleStore(t, s)
	url, _ := serve(t, s)
	_, dsn := s.file(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	hold := func(sql string) (release func()) {
		_, err := conn.Exec(t.Context(), "BEGIN; "+sql)
		require.NoError(t, err)
		return func() {
			_, err := conn.Exec(t.Context(), "ROLLBACK")
			require.NoError(t, err)
		}
	}
	const theirs = "/v2/partner/contacts/5d3c2b1a-0f9e-4d8c-a7b6-95a4b3c2d1e0"
	many := func(n int, path string) (statuses func() []int) {
		var wg sync.WaitGroup
		got := make([]int, n)
		for i := range n {
			wg.Go(func() {
				resp, _ := request(t, "PATCH", url+path, writeToken, `{"city":"Gary"}`)
				got[i] = resp.StatusCode
			})
		}
		return func() []int { wg.Wait(); slices.Sort(got); return slices.Compact(got) }
	}

	release := hold("SELECT 1 FROM contacts WHERE id = '" + sampleID + "' FOR UPDATE")
	all := many(60, samplePath)
	require.Eventually(t, func() bool { // until one waits for the row
		var n int
		err := s.db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		return err == nil && n == 1
	}, 4*time.Second, 5*time.Millisecond)
	resp, _ := request(t, "GET", url+theirs, otherToken, "")
	require.Equal(t, 200, resp.StatusCode)
	resp, _ = request(t, "PATCH", url+theirs, otherToken, `{"city":"Gary"}`)
	require.Equal(t, 200, resp.StatusCode)
	resp, _ = request(t, "GET", url+samplePath, readToken, "")
	require.Equal(t, 200, resp.StatusCode, "also the contact itself")
	resp, _ = request(t, "GET", url+"/readyz", "", "")
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, []int{503}, all())
	release()
	require.Equal(t, []int{200}, many(10, samplePath)())

	// Where all connections hang, the service says that it is not ready.
	release = hold("LOCK TABLE tokens")
	all = many(60, samplePath)
	require.Eventually(t, func() bool {
		resp, _ := request(t, "GET", url+"/readyz", "", "")
		return resp.StatusCode == 503
	}, 10*time.Second, time.Millisecond)
	resp, _ = request(t, "GET", url+"/healthz", "", "")
	require.Equal(t, 200, resp.StatusCode)
	release()
	all()
	require.Eventually(t, func() bool {
		resp, _ := request(t, "GET", url+"/readyz", "", "")
		return resp.StatusCode == 200
	}, 10*time.Second, 10*time.Millisecond)
}

// TestLanes: so many at once, the others in order, and no more of them than there is room for.
func TestLanes(t *testing.T) {
	l := lanes[int]{width: 1, queue: 2}
	leave, err := l.enter(t.Context(), 1)
	require.NoError(t, err)
	other, err := l.enter(t.Context(), 2)
	require.NoError(t, err, "another key")
	other()

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.enter(gone, 1)
	require.ErrorIs(t, err, context.Canceled)

	order := make(chan int, 2)
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			leave, err := l.enter(context.Background(), 1)
			if err == nil {
				order <- i
				leave()
			}
		})
		require.Eventually(t, func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.open[1].users == i+2
		}, 5*time.Second, time.Millisecond)
		time.Sleep(10 * time.Millisecond) // from counted to queued
	}
	_, err = l.enter(t.Context(), 1)
	require.Equal(t, errBusy, err)
	require.Equal(t, http.StatusTooManyRequests, errBusy.status)
	leave()
	wg.Wait()
	require.Equal(t, []int{0, 1}, []int{<-order, <-order})
	require.Empty(t, l.open, "nothing is left of a key that nobody uses")
}
