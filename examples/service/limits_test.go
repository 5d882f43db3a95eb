package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
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
		s.put(t, []*contact.Contact{large})
		for _, tt := range []struct {
			patch  string
			status int
		}{{`{"city":"Rome"}`, 200}, {`{"city":"Constantinople"}`, 422}, {`{}`, 200}, {`{"state":null}`, 200}} {
			resp, _ := request(t, "PATCH", url+samplePath, writeToken, tt.patch)
			require.Equal(t, tt.status, resp.StatusCode, tt.patch)
		}
	})
}

// TestQuota: a team has so many bytes for its keys, and those that it has are answered still.
func TestQuota(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		sampleStore(t, s)
		s.keyBytes = 2500
		require.NoError(t, s.Sweep(t.Context()))
		url, _ := serve(t, s)
		last := 0
		for ; last < 20; last++ {
			resp, _ := request(t, "PATCH", url+samplePath, writeToken, `{}`, "Idempotency-Key", keyOf(last))
			if resp.StatusCode != 200 {
				break
			}
		}
		require.Greater(t, last, 1)
		require.Less(t, last, 10)
		resp, body := request(t, "PATCH", url+samplePath, writeToken, `{"city":"Gary"}`, "Idempotency-Key", keyOf(last))
		require.Equal(t, 429, resp.StatusCode)
		require.Equal(t, "3600", resp.Header.Get("Retry-After"))
		code, _, _ := oneError(t, body)
		require.Equal(t, "too_many_keys", code)

		resp, _ = request(t, "PATCH", url+samplePath, writeToken, `{}`, "Idempotency-Key", keyOf(0))
		require.Equal(t, "true", resp.Header.Get("X-Idempotent-Replay"))
		resp, _ = request(t, "PATCH", url+samplePath, writeToken, `{"city":"Gary"}`)
		require.Equal(t, 200, resp.StatusCode, "without a key")
		resp, _ = request(t, "PATCH", url+theirs, otherToken, `{}`, "Idempotency-Key", keyOf(3))
		require.Equal(t, 200, resp.StatusCode, "another team")

		// What Sweep counts is what there is, and a quota is free again when keys are forgotten.
		before := s.usage[stored(t, s, samples()[0]).TeamID]
		require.NoError(t, s.Sweep(t.Context()))
		require.Equal(t, before, s.usage[samples()[0].TeamID])
		s.now = func() time.Time { return clock.Add(keyLife) }
		require.NoError(t, s.Sweep(t.Context()))
		resp, _ = request(t, "PATCH", url+samplePath, writeToken, `{}`, "Idempotency-Key", keyOf(last))
		require.Equal(t, 200, resp.StatusCode)
	})
}

const theirs = "/v2/partner/contacts/5d3c2b1a-0f9e-4d8c-a7b6-95a4b3c2d1e0"

func samples() []*contact.Contact {
	contacts, _ := sampleData()
	return contacts
}

// TestAnswersAreSmall: many small updates of a large contact store their answers compressed.
func TestAnswersAreSmall(t *testing.T) {
	s := opened(t, "", "")
	c := sampleStore(t, s).Clone()
	address := strings.Repeat("Roscoe Street ", maxDocument/28)
	c.Address = &address
	s.put(t, []*contact.Contact{c})
	for i := range 20 {
		_, err := apply(t, s, change(c, keyOf(i), fmt.Sprintf(`{"city":"%d"}`, i)))
		require.NoError(t, err)
	}
	var size int64
	require.NoError(t, s.db.QueryRow(`SELECT sum(length(document)) FROM answers`).Scan(&size))
	require.Less(t, size, int64(20*maxDocument/20))
	a, err := apply(t, s, change(c, keyOf(7), `{"city":"7"}`))
	require.NoError(t, err)
	require.True(t, a.Replayed)
	require.Contains(t, string(a.Document), `"city":"7"`)
}

// TestSweepSparesRenewedKeys: a key that a request renews while the sweep waits for its row stays.
func TestSweepSparesRenewedKeys(t *testing.T) {
	s := opened(t, "", postgres(t).database(t))
	c := sampleStore(t, s)
	_, err := apply(t, s, change(c, sampleKey, `{"city":"Oak Park"}`))
	require.NoError(t, err)
	s.now = func() time.Time { return clock.Add(keyLife) }
	tx, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.Exec(`UPDATE answers SET expires_at = $1`, clock.Add(2*keyLife).UnixMicro())
	require.NoError(t, err)
	swept := make(chan error, 1)
	go func() { swept <- s.Sweep(t.Context()) }()
	time.Sleep(200 * time.Millisecond)
	require.NoError(t, tx.Commit())
	require.NoError(t, <-swept)
	require.Equal(t, 1, answers(t, s))
}

// TestStranger: a token that may see none of the contacts holds up nobody who may.
func TestStranger(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		sampleStore(t, s)
		url, _ := serve(t, s, func(s *Service, _ *http.Server) { s.Now = time.Now })
		stop := make(chan struct{})
		var strangers sync.WaitGroup
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
		defer client.CloseIdleConnections()
		var refused atomic.Int64
		for range 150 {
			strangers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					r, err := http.NewRequest("PATCH", url+samplePath, strings.NewReader(`{"city":"Gary"}`))
					if err != nil {
						return
					}
					r.Header.Set("Authorization", "Bearer "+otherToken)
					r.Header.Set("Content-Type", "application/json")
					resp, err := client.Do(r)
					if err != nil {
						return
					}
					if resp.StatusCode == 404 || resp.StatusCode == 429 {
						refused.Add(1)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			})
		}
		require.Eventually(t, func() bool { return refused.Load() > 300 }, 20*time.Second, time.Millisecond)
		for i := range 50 {
			resp, body := request(t, "PATCH", url+samplePath, writeToken, fmt.Sprintf(`{"city":"%d"}`, i))
			require.Equal(t, 200, resp.StatusCode, body)
		}
		close(stop)
		strangers.Wait()
	})
}

// TestBodyBudget: bodies that stop before their end take so much memory and no more.
func TestBodyBudget(t *testing.T) {
	b := newBudget()
	var all []*meter
	read := func(team byte, n int) error {
		m := b.meter(httptest.NewRecorder(), io.NopCloser(bytes.NewReader(make([]byte, n))), contact.ID{team})
		all = append(all, m)
		_, err := io.Copy(io.Discard, m)
		return err
	}
	require.NoError(t, read(1, teamBodies))
	require.Equal(t, errBusy, read(1, 1))
	require.NoError(t, read(2, teamBodies), "another team")
	require.NoError(t, read(3, allBodies-2*teamBodies-1))
	require.ErrorIs(t, read(4, 2), contacthttp.ErrUnavailable)
	require.NoError(t, read(4, 1), "what was refused takes nothing")
	for _, m := range all {
		m.release()
	}
	require.NoError(t, read(1, teamBodies))
	require.NoError(t, read(2, teamBodies))
	require.NoError(t, read(3, allBodies-2*teamBodies))
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
	second := stored(t, s, samples()[0]).Clone()
	second.ID[15]++
	s.put(t, []*contact.Contact{second})
	all := many(60, samplePath)
	require.Eventually(t, func() bool { // until they have tried, and wait
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.lost > 60
	}, 4*time.Second, 5*time.Millisecond)
	var n int
	require.NoError(t, s.db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n))
	require.Zero(t, n, "no connection waits for the row")
	resp, _ := request(t, "PATCH", url+"/v2/partner/contacts/"+second.ID.String(), writeToken, `{"city":"Gary"}`)
	require.Equal(t, 200, resp.StatusCode, "another contact of the same team")
	resp, _ = request(t, "GET", url+theirs, otherToken, "")
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

	// A database that does not answer is a failure that the client may try again.
	release = hold("LOCK TABLE contacts")
	resp, body := request(t, "GET", url+samplePath, writeToken, "")
	require.Equal(t, 503, resp.StatusCode)
	require.Equal(t, retryAfter, resp.Header.Get("Retry-After"))
	code, _, _ := oneError(t, body)
	require.Equal(t, "service_unavailable", code)
	release()

	// Where a write would hang, the service says that it is not ready.
	release = hold("LOCK TABLE probe")
	resp, _ = request(t, "GET", url+"/readyz", "", "")
	require.Equal(t, 503, resp.StatusCode)
	resp, _ = request(t, "GET", url+"/healthz", "", "")
	require.Equal(t, 200, resp.StatusCode)
	release()
	require.Eventually(t, func() bool {
		resp, _ := request(t, "GET", url+"/readyz", "", "")
		return resp.StatusCode == 200
	}, 10*time.Second, 10*time.Millisecond)
}
